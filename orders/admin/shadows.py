from typing import Any

import simplejson
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from gateway.dialects import Dialect, Situation
from orders.models import ShadowAnswer
from orders.shadow import ORDER
from stores.admin import ReadOnlyAdmin

_SITUATIONS = {
    ORDER: _("an order to pay"),
    Situation.IN_PROCESS.value: _("in process"),
    Situation.NOTHING.value: _("nothing to pay"),
    Situation.PAID.value: _("the last order is paid"),
    Situation.UNREACHABLE.value: _("the controller cannot be reached"),
}
_SIDE_BY_SIDE = '<div class="side-by-side"><div><b>{}</b><pre>{}</pre></div><div><b>{}</b><pre>{}</pre></div></div>'


class Impossible(admin.SimpleListFilter):
    """What a manager looks at before an account changes its dialect."""

    title = _("the other dialect")
    parameter_name = "impossible"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("cannot say it")), ("no", _("can say it"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ShadowAnswer]) -> QuerySet[ShadowAnswer]:
        impossible = {"shadow_status": ShadowAnswer.IMPOSSIBLE}
        if self.value() == "yes":
            return queryset.filter(**impossible)
        return queryset.exclude(**impossible) if self.value() == "no" else queryset


@admin.register(ShadowAnswer)
class ShadowAnswerAdmin(ReadOnlyAdmin):
    help_line = _("Answers to polls in both dialects, side by side. Only needed before an account changes its dialect.")
    store_path = "pos__store"
    empty_hint = _(
        "None yet. Switch on the shadow mode of an account: while it serves one dialect, each answer is kept here in "
        "both, and nothing that Mercado Pago hears changes. Before its dialect is changed, look for what the other one "
        "cannot say."
    )
    list_display = ("last_at", "pos", "what", "served", "shadow", "order")
    list_filter = (Impossible, "served_dialect", "situation", "pos__store__account")
    list_select_related = ("pos", "order")
    search_fields = ("pos__name", "pos__external_id", "^order__external_reference")
    fields = ("pos", "what", "order", "first_at", "last_at", "side_by_side")
    readonly_fields = ("what", "side_by_side")

    @admin.display(description=_("situation"), ordering="situation")
    def what(self, row: ShadowAnswer) -> str:
        return str(_SITUATIONS.get(row.situation, row.situation))

    @admin.display(description=_("served"))
    def served(self, row: ShadowAnswer) -> str:
        return f"{row.served_dialect} · {row.served_status}"

    @admin.display(description=_("shadow"))
    def shadow(self, row: ShadowAnswer) -> str:
        if row.shadow_status == ShadowAnswer.IMPOSSIBLE:
            return row.shadow_body
        return f"{_other(row)} · {row.shadow_status}"

    @admin.display(description=_("both answers"))
    def side_by_side(self, row: ShadowAnswer) -> str:
        return format_html(
            _SIDE_BY_SIDE,
            _("Served: %(answer)s") % {"answer": self.served(row)},
            _indented(_masked(row, row.served_body)),
            _("Not served: %(answer)s") % {"answer": f"{_other(row)} · {row.shadow_status or '—'}"},
            _indented(_masked(row, row.shadow_body)),
        )


def _other(row: ShadowAnswer) -> str:
    return Dialect(row.served_dialect).other.value


def _masked(row: ShadowAnswer, text: str) -> str:
    """Without the part of the address for notifications that is a secret."""
    return text.replace(row.pos.store.account.notification_token, "…")


def _indented(text: str) -> str:
    """Headers as they are, the body for people; what is no JSON is a sentence that says why."""
    headers, newline, body = text.rpartition("\n")
    try:
        document = simplejson.loads(body, use_decimal=True)
    except ValueError:
        return text
    return headers + newline + simplejson.dumps(document, indent=2, ensure_ascii=False, use_decimal=True)
