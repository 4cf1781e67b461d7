from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from pos import errands
from pos.models import Finding
from stores.admin import ReadOnlyAdmin, start
from stores.models import Account


class WhatItIs(admin.SimpleListFilter):
    """A store, or a point of sale."""

    title = _("what it is")
    parameter_name = "is_store"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("store")), ("0", _("point of sale"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Finding]) -> QuerySet[Finding]:
        return queryset.filter(is_store=self.value() == "1") if self.value() in ("0", "1") else queryset


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    help_line = _("Where our stores and points of sale are not the same at Mercado Pago, and what to do about it.")
    store_path = ("store", "pos__store")
    empty_hint = _("Nothing: Mercado Pago has every store and point of sale as it stands here. Looked at every night.")
    list_display = ("external_id", "name", "kind", "what_differs", "remedy_text", "account", "seen_at")
    list_filter = ("kind", "account", WhatItIs)
    list_select_related = ("account",)
    search_fields = ("external_id", "name")
    fields = (
        "external_id", "name", "kind", "what_differs", "remedy_text", "account", "store", "pos", "first_seen_at",
        "seen_at",
    )  # fmt: skip
    readonly_fields = ("what_differs", "remedy_text")
    actions = ("heal", "look_again")
    object_actions = ("heal", "look_again")

    def has_heal_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms(["stores.change_store", "pos.change_pointofsale"])

    @admin.display(description=_("here → at Mercado Pago"))
    def what_differs(self, finding: Finding) -> str:
        return format_html_join(mark_safe("<br>"), "{}: {} → {}", finding.described) or "–"

    @admin.display(description=_("what to do"))
    def remedy_text(self, finding: Finding) -> str:
        return finding.remedy

    @admin.action(description=_("Heal: tell Mercado Pago again"), permissions=["heal"])
    def heal(self, request: HttpRequest, chosen: QuerySet[Finding]) -> HttpResponse | None:
        back = reverse("admin:pos_finding_changelist")  # what is healed has no page any more
        return start(self, request, chosen, errands.HEAL, back=back)

    @admin.action(description=_("Look again now"), permissions=["heal"])
    def look_again(self, request: HttpRequest, chosen: QuerySet[Finding]) -> HttpResponse | None:
        accounts = Account.objects.filter(pk__in=chosen.values("account"))
        back = reverse("admin:pos_finding_changelist")
        return start(self, request, accounts, errands.COMPARE, back=back)
