# SPDX-License-Identifier: GPL-3.0-or-later
"""The address that bills go to. There is no gateway for payments here, so that no form asks for it."""

from __future__ import annotations

from typing import Any

from ...store import Row
from ..templating.drop import Drop, attribute
from .rows import ErrorsDrop

# its fields in their order, with their labels; the first five are required
LABELS = {
    "name": "Contact / Company Name",
    "address1": "Address",
    "address2": "Address (line 2)",
    "city": "City",
    "country": "Country",
    "state": "State",
    "phone": "Phone",
    "zip": "ZIP / Postal Code",
}
_REQUIRED = ("name", "address1", "address2", "city", "country")


def billing_address(account: Row) -> dict[str, Any]:
    """The address; name, phone and country are the account's where it has none of its own."""
    own = {name: account.get(f"billing_address_{name}") for name in LABELS}
    return {
        **own,
        "name": own["name"] or account.get("org_name"),
        "phone": own["phone"] if own["phone"] is not None else account.get("telephone_number"),
        "country": own["country"] if own["country"] is not None else account.get("country"),
    }


class BillingAddressFieldDrop(Drop):
    """One field of the address, for a form."""

    ruby_name = "BillingAddressField"

    def __init__(self, field: str, content: Any) -> None:
        self.field, self.content = field, content

    @attribute()
    def name(self) -> str:
        return self.field

    @attribute()
    def label(self) -> str:
        return LABELS[self.field]

    @attribute()
    def value(self) -> Any:
        return self.content

    @attribute()
    def input_name(self) -> str:
        return f"account[billing_address][{self.field}]"

    @attribute()
    def html_id(self) -> str:
        return f"account_billing_address_{self.field}"

    @attribute()
    def required(self) -> bool:
        return self.field in _REQUIRED

    @attribute()
    def visible_p(self) -> bool:
        return True

    @attribute("hidden?", "read_only?")
    def closed(self) -> bool:
        return False

    @attribute()
    def errors(self) -> list[Any]:
        return []


class BillingAddressDrop(Drop):
    """The address, read by parts or by fields; the parts have no defaults, the fields have."""

    ruby_name = "BillingAddress"

    def __init__(self, account: Row) -> None:
        self.account = account

    def _own(self, name: str) -> Any:
        return self.account.get(f"billing_address_{name}")

    @attribute()
    def address(self) -> str:
        return f"{self._own('address1') or ''} {self._own('address2') or ''}"

    @attribute()
    def country(self) -> Any:
        return billing_address(self.account)["country"]

    @attribute()
    def fields(self) -> list[BillingAddressFieldDrop]:
        return [BillingAddressFieldDrop(name, value) for name, value in billing_address(self.account).items()]

    @attribute()
    def errors(self) -> ErrorsDrop:
        return ErrorsDrop({})

    def missing(self, name: object) -> Any:
        return self._own(name) if isinstance(name, str) and name in LABELS else None
