# SPDX-License-Identifier: GPL-3.0-or-later
"""`{% form 'name', object %}`: the forms there are, where each goes, what it adds. Faults become an HTML comment."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .grammar import FRAGMENT, TAG_ATTRIBUTES, Filtered, parse_expression
from .html import element, void
from .nodes import BlockNode, Body, PortalBlockTag, PortalNode, syntax_error
from .values import SafeText, TemplateError, text_of

if TYPE_CHECKING:
    from liquid.token import Token

    from .context import PortalContext

_SYNTAX = re.compile(rf"({FRAGMENT}+)\s*(?:,\s*({FRAGMENT}*))?(.+)?", re.ASCII | re.S)


@dataclass(frozen=True)
class Form:
    """A kind of form. PATH may hold `{id}` (of the object) and `{service_id}` (of its plan's product)."""

    path: str
    own_class: str | None = None
    method: str = "post"
    verb: str = "post"
    html: dict[str, str] = field(default_factory=dict)
    needs_object: bool = True
    extra: str = ""


FORMS: dict[str, Form] = {
    "login": Form("/session", "formtastic session", html={"id": "new_session"}, needs_object=False),
    "signup": Form("/signup", "account formtastic", html={"id": "signup_form"}, needs_object=False, extra="plans"),
    "application.create": Form("/admin/applications?service_id={service_id}", "cinstance"),
    "application.update": Form("/admin/applications/{id}", "cinstance", verb="put"),
    "application.updateremote": Form("/admin/applications/{id}", "cinstance remote", verb="put"),
    "subscription.create": Form("/admin/service_contracts", "formtastic service_contract", needs_object=False),
    "account.personal_details": Form("/admin/account", "formtastic account", verb="put", needs_object=False),
    "account.billing_address": Form(
        "/admin/account/payment_details", "formtastic account", verb="put", needs_object=False
    ),
    "user.personal_details": Form(
        "/admin/account/personal_details",
        "personal_details",
        verb="put",
        html={"id": "edit_personal_details"},
        needs_object=False,
        extra="origin",
    ),
    "user.edit": Form("/admin/account/users/{id}", "edit-user-form", verb="put", html={"id": "edit_user_{id}"}),
    "password_reset": Form("/admin/account/password", "formtastic", needs_object=False),
    "password_change": Form("/admin/account/password", "formtastic user", verb="put", extra="token"),
    "invitation.create": Form("/admin/account/invitations", "invitation-form", needs_object=False),
    "invitation_signup": Form("/signup/{invitation}", "formtastic user", needs_object=False),
    "message.create": Form("/admin/messages/sent", "message", html={"id": "message-form"}, needs_object=False),
    "message.reply": Form("/admin/messages/received", "message reply", html={"id": "message-form"}, needs_object=False),
    "plan.change": Form("/buyer/account_contract", verb="put", needs_object=False),
    "contract.create": Form("/admin/contracts/{id}", "formtastic service_contract", verb="put"),
    "referrer_filter.createremote": Form(
        "/admin/applications/{application_id}/referrer_filters", "referrer_filter remote"
    ),
    "search": Form("/search", method="get", verb="get", html={"id": "searchAgain"}, needs_object=False),
}


class _FormNode(BlockNode):
    __slots__ = ("body", "html", "name", "object_name")

    def __init__(self, token: Token, match: re.Match[str], body: Body) -> None:
        super().__init__(token)
        self.name, self.object_name, self.body = match[1][1:-1], match[2] or None, body
        pairs = TAG_ATTRIBUTES.findall(match[3] or "")
        self.html = {key: Filtered(value) for key, value in pairs if key in ("class", "id")}

    def text(self, context: PortalContext) -> str:
        try:
            form = FORMS.get(self.name)
            if form is None:
                raise TemplateError(f"Unknown form '{self.name}'")
            given = {key: text_of(value.kept(context)) for key, value in self.html.items()}
            content = self.body.text(context)
            return self._render(context, form, given, content)
        except TemplateError as error:
            if context.raising and context.errors and context.errors[-1] is error:
                raise
            return f"<!-- form_tag error: Liquid error: {error} -->"

    def _object(self, context: PortalContext) -> Any:
        if not self.object_name:
            raise TemplateError("no object specified (correct syntax: {% form 'name', object %})")
        value = parse_expression(self.object_name).evaluate(context)
        if value is None or value is False:
            raise TemplateError(f"variable '{self.object_name}' is missing")
        return value

    def _render(self, context: PortalContext, form: Form, given: dict[str, str], content: str) -> str:
        hidden = [
            ("utf8", SafeText("&#x2713;")),
            ("authenticity_token", context.registers["csrf"]()),
            ("_method", form.verb),
        ]
        inputs = "".join(void("input", {"type": "hidden", "name": name, "value": value}) for name, value in hidden)
        metadata = element("div", SafeText(inputs), {"style": "margin:0;padding:0;display:inline"})
        words = self._words(context, form)
        classes = ["formtastic", form.own_class, given.get("class")]
        html: dict[str, Any] = {
            "action": form.path.format_map(words),
            "method": form.method,
            "class": " ".join(part for part in classes if part),
            "accept-charset": "UTF-8",
            **{name: value.format_map(words) for name, value in form.html.items()},
            **{name: value for name, value in given.items() if name != "class"},
        }
        before, after = self._extra(context, form)
        return element("form", SafeText(metadata + before + content + after), html)

    def _words(self, context: PortalContext, form: Form) -> dict[str, Any]:
        if not form.needs_object:
            return {"invitation": context.registers["world"].page.params.get("invitation_token", "")}
        target = self._object(context)
        if not hasattr(target, "read"):
            return {"id": text_of(target), "service_id": "", "application_id": ""}
        words = {"id": target.read("id")}
        if "{service_id}" in form.path:
            plan = target.read("plan")
            if plan is None:
                raise TemplateError("undefined method `service' for nil:NilClass")
            words["service_id"] = plan.read("service").read("id")
        if "{application_id}" in form.path:
            words["application_id"] = target.read("application").read("id")
        return words

    def _extra(self, context: PortalContext, form: Form) -> tuple[str, str]:
        params = context.registers["world"].page.params
        if form.extra == "plans":
            ids = params.get("plan_ids")
            ids = ids if isinstance(ids, list) else []
            return "", "\n".join(void("input", {"type": "hidden", "name": "plan_ids[]", "value": item}) for item in ids)
        if form.extra == "origin":
            return void("input", {"type": "hidden", "name": "origin", "value": params.get("origin", "")}), ""
        if form.extra == "token":
            value = text_of(self._object(context))
            return "", void("input", {"type": "hidden", "name": "password_reset_token", "value": value})
        return "", ""


class FormTag(PortalBlockTag):
    """`{% form 'application.update', application, class: 'wide' %}` … `{% endform %}`."""

    def check(self, markup: str) -> None:
        if not _SYNTAX.search(markup):
            raise syntax_error(f"Wrong parameters '{markup}' for a form tag")

    def make(self, token: Token, parts: list[tuple[str, str, Body]]) -> PortalNode:
        match = _SYNTAX.search(parts[0][1])
        assert match is not None
        return _FormNode(token, match, parts[0][2])
