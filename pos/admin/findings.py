from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from pos import doctor
from pos.models import Finding
from pos.tasks import compare_account, register_account
from stores.admin import ReadOnlyAdmin


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    help_line = _("Where our stores and points of sale are not the same at Mercado Pago, and what to do about it.")
    store_path = ("store", "pos__store")
    empty_hint = _("Nothing: Mercado Pago has every store and point of sale as it stands here. Looked at every night.")
    list_display = ("external_id", "name", "kind", "what_differs", "remedy_text", "account", "seen_at")
    list_filter = ("kind", "account", "is_store")
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
    def heal(self, request: HttpRequest, chosen: QuerySet[Finding]) -> None:
        healed = doctor.heal(list(chosen.select_related("store", "pos")))
        for account_id in {finding.account_id for finding in healed}:
            _wake(register_account, account_id)
        Finding.objects.filter(pk__in=[finding.pk for finding in healed]).delete()
        self.message_user(request, _("%(count)d are registered again within seconds.") % {"count": len(healed)})
        if len(healed) < len(chosen):
            self.message_user(request, _("What only Mercado Pago has is left to you."), messages.WARNING)

    @admin.action(description=_("Look again now"), permissions=["heal"])
    def look_again(self, request: HttpRequest, chosen: QuerySet[Finding]) -> None:
        for account_id in set(chosen.values_list("account", flat=True)):
            _wake(compare_account, account_id)
        self.message_user(request, _("The accounts are compared again; reload this list in a moment."))


def _wake(task: Any, account_id: int) -> None:
    transaction.on_commit(lambda: task.delay(account_id))
