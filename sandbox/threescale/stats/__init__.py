# SPDX-License-Identifier: GPL-3.0-or-later
"""Analytics: what the backend counted, cut into hours, days or months of the tenant's time zone.

`question.py` reads parameters, `ranges.py` (pure) turns them into buckets of time, `values.py` fills those from the
backend's counters, `usage.py` and `forms.py` write the documents that the Admin API (`resources/stats.py`) and the
developer portal (`portal/pages/statistics.py`) show.
"""
