from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from gateway.signatures import Verdict
from notifications import errands, words
from notifications.models import Notification, NotificationQuerySet, Outcome
from stores.admin import ReadOnlyAdmin, start
from stores.admin.badges import BAD, BUSY, CALM, GOOD, WARN, Tones, badge
from stores.admin.known import one_of


class LeftToPeople(admin.SimpleListFilter):
    """What the front page points at."""

    title = _("left to people")
    parameter_name = "left"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("after a day of trying"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Notification]) -> QuerySet[Notification]:
        return Notification.objects.left_to_people() & queryset if self.value() == "yes" else queryset


_OUTCOMES: Tones = {
    Outcome.RECEIVED: BUSY,
    Outcome.PROCESSED: GOOD,
    Outcome.UNREADABLE: WARN,
    Outcome.UNMATCHED: WARN,
    Outcome.REFUSED: BAD,
    Outcome.FAILED: BAD,
}
_VERDICTS: Tones = {Verdict.VALID.value: GOOD, Verdict.INVALID.value: BAD}

_BY_TOPIC = one_of("topic", _("topic"), words.TOPICS, words.topic)
_BY_VERDICT = one_of("verdict", _("signature"), words.VERDICTS, words.verdict)


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    help_line = _("What Mercado Pago sent, and what came of it. Replay one when its order is not up to date.")
    badges = {"outcome": _OUTCOMES}
    worded = {"topic": words.topic}
    store_path = "order__pos__store"
    empty_hint = _("None yet. Mercado Pago sends them when a customer sees or pays an order.")
    list_display = ("received_at", "account", "topic", "resource_id", "signature", "outcome", "order", "attempts")
    list_filter = (LeftToPeople, "outcome", _BY_TOPIC, _BY_VERDICT, "account")
    sortable_by = ()
    list_select_related = ("account", "order")
    search_fields = ("=resource_id", "^order__external_reference")
    fields = (
        "received_at", "account", "topic", "resource_id", "signature", "outcome", "order", "attempts", "error",
        "processed_at", "next_attempt_at", "set_aside_by", "set_aside_because", "query", "headers", "body_text",
    )  # fmt: skip
    readonly_fields = ("signature",)
    actions = ("rehearse", "replay")
    object_actions = ("rehearse", "replay")

    @admin.display(description=_("signature"))
    def signature(self, row: Notification) -> str:
        """Without a secret nothing matches, and nothing is wrong."""
        if row.verdict == Verdict.INVALID and not row.account.webhook_secret:
            return badge(_("not checked: no secret"), CALM)
        return badge(words.verdict(row.verdict), _VERDICTS.get(row.verdict, CALM))

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notifications.change_notification")

    @admin.action(description=_("Dry run: what would a replay change?"), permissions=["replay"])
    def rehearse(self, request: HttpRequest, chosen: NotificationQuerySet) -> HttpResponse | None:
        return start(self, request, chosen, errands.REHEARSE)

    @admin.action(description=_("Replay"), permissions=["replay"])
    def replay(self, request: HttpRequest, chosen: NotificationQuerySet) -> HttpResponse | None:
        return start(self, request, chosen, errands.REPLAY)
