# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Time zones by the names that the server takes (Rails': ``Madrid``) and by those that it shows (IANA's). Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

# The names that don't say themselves which IANA zone they are.
_OTHERWISE = {
    "International Date Line West": "Etc/GMT+12", "American Samoa": "Pacific/Pago_Pago", "Hawaii": "Pacific/Honolulu",
    "Midway Island": "Pacific/Midway", "Alaska": "America/Juneau", "Pacific Time (US & Canada)": "America/Los_Angeles",
    "Mountain Time (US & Canada)": "America/Denver", "Central Time (US & Canada)": "America/Chicago",
    "Eastern Time (US & Canada)": "America/New_York", "Arizona": "America/Phoenix",
    "Central America": "America/Guatemala",
    "Saskatchewan": "America/Regina", "Indiana (East)": "America/Indiana/Indianapolis", "Quito": "America/Lima",
    "Atlantic Time (Canada)": "America/Halifax", "Brasilia": "America/Sao_Paulo", "Greenland": "America/Godthab",
    "Mid-Atlantic": "Atlantic/South_Georgia", "Cape Verde Is.": "Atlantic/Cape_Verde", "Edinburgh": "Europe/London",
    "Bern": "Europe/Zurich", "West Central Africa": "Africa/Algiers", "Kyiv": "Europe/Kiev", "UTC": "Etc/UTC",
    "Pretoria": "Africa/Johannesburg", "St. Petersburg": "Europe/Moscow", "Abu Dhabi": "Asia/Muscat",
    "Islamabad": "Asia/Karachi", "Ekaterinburg": "Asia/Yekaterinburg", "Astana": "Asia/Dhaka", "Hanoi": "Asia/Bangkok",
    "Beijing": "Asia/Shanghai", "Osaka": "Asia/Tokyo", "Sapporo": "Asia/Tokyo", "Canberra": "Australia/Melbourne",
    "Marshall Is.": "Pacific/Majuro", "Solomon Is.": "Pacific/Guadalcanal", "New Caledonia": "Pacific/Noumea",
    "Wellington": "Pacific/Auckland", "Guadalajara": "America/Mexico_City", "Georgetown": "America/Guyana",
    "Samoa": "Pacific/Apia", "Nuku'alofa": "Pacific/Tongatapu", "Tokelau Is.": "Pacific/Fakaofo",
}  # fmt: skip


def iana(name: str) -> str:
    """The IANA name of a zone given by either name; empty when it is unknown here."""
    if name in _OTHERWISE:
        return _OTHERWISE[name]
    zones = available_timezones()
    if name in zones:
        return name
    tail = "/" + name.replace(" ", "_")
    return next((zone for zone in sorted(zones) if zone.endswith(tail)), "")


def is_zone(name: str) -> bool:
    """Whether there is such a zone; where this machine knows none, any name may be one."""
    return bool(iana(name)) or not available_timezones()


def same_zone(wanted: str, shown: str, instant: datetime | None) -> bool:
    """Whether the tenant's zone is the wanted one.

    ``shown`` is what the server shows (IANA's name, or empty). Without it the offset of ``instant``, a time that the
    tenant wrote, decides: zones of one offset can't be told apart then.
    """
    target = iana(wanted)
    if shown:
        return shown in (wanted, target) or iana(shown) == target != ""
    if not target or instant is None or instant.tzinfo is None:
        return False
    return instant.utcoffset() == instant.astimezone(ZoneInfo(target)).utcoffset()
