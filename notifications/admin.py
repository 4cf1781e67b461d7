from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from notifications import errands
from notifications.models import Notification, NotificationQuerySet
from stores.admin import ReadOnlyAdmin, start


class LeftToPeople(admin.SimpleListFilter):
    """What the front page points at."""

    title = _("left to people")
    parameter_name = "left"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("after a day of trying"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Notification]) -> QuerySet[Notification]:
        return Notification.objects.left_to_people() & queryset if self.value() == "yes" else queryset


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    empty_hint = _("None yet. Mercado Pago sends them when a customer sees or pays an order.")
    list_display = ("received_at", "account", "topic", "resource_id", "verdict", "outcome", "order", "attempts")
    list_filter = (LeftToPeople, "outcome", "topic", "verdict", "account")
    list_select_related = ("account", "order")
    search_fields = ("resource_id", "order__external_reference")
    fields = (
        "received_at", "account", "topic", "resource_id", "verdict", "outcome", "order", "attempts", "error",
        "processed_at", "next_attempt_at", "query", "headers", "body_text",
    )  # fmt: skip
    actions = ("rehearse", "replay")
    object_actions = ("rehearse", "replay")

    @admin.action(description=_("Dry run: what would a replay change?"), permissions=["view"])
    def rehearse(self, request: HttpRequest, chosen: NotificationQuerySet) -> HttpResponse | None:
        return start(self, request, chosen, errands.REHEARSE)

    @admin.action(description=_("Replay"), permissions=["view"])
    def replay(self, request: HttpRequest, chosen: NotificationQuerySet) -> HttpResponse | None:
        return start(self, request, chosen, errands.REPLAY)
