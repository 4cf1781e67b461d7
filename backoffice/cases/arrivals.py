"""Cases about news: deliveries from Mercado Pago that fit nothing, and controllers that do not take ours."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.cases.story import RANK_DOUBT, RANK_PAPER, Action, Source, Story, by_name, fingerprint, moment
from notifications import services as notifications
from notifications.models import Notification
from pos import hooks
from pos.models import Hook, HookDelivery


class NotificationSource(Source[Notification]):
    """Deliveries that could not be worked on for a whole day. Of no store: nobody knows whose they are."""

    name, permission = "notification", "notifications.view_notification"
    kinds = {"notification": (gettext_lazy("notification about no order of ours"), RANK_DOUBT)}

    def live(self) -> QuerySet[Notification]:
        return Notification.objects.left_to_people().select_related("account")

    def place(self, row: Notification) -> tuple[int | None, int]:
        return None, row.account_id

    def since(self, row: Notification) -> datetime:
        return row.received_at

    def story(self, row: Notification) -> Story:
        values = {
            "account": row.account,
            "about": row,
            "at": moment(row.received_at, row.account.site.time_zone),
            "outcome": row.get_outcome_display(),
        }
        told = [_("Mercado Pago told account %(account)s of “%(about)s”, %(at)s: %(outcome)s.") % values]
        return Story(
            url=reverse("admin:notifications_notification_change", args=[row.pk]),
            sentences=[*told, row.error] if row.error else [*told],
            proposal=_("Replay it: Mercado Pago is asked again. If another system uses this account, set it aside."),
            facts=fingerprint(row.outcome, row.attempts, row.error),
            actions=[Action("replay", _("Replay"), (), by_name(_replay, row))],
        )

    def set_aside(self, row: Notification, *, actor: str, reason: str) -> None:
        notifications.set_aside(row, actor=actor, reason=reason)


def _replay(notification: Notification, **_who: Any) -> None:
    notifications.replay(Notification.objects.filter(pk=notification.pk))


class HookSource(Source[Hook]):
    """Webhooks with events that no controller took: one case for each address, however many they are."""

    name, permission = "hook", "pos.view_hookdelivery"
    kinds = {"hook": (gettext_lazy("webhook that nobody takes"), RANK_PAPER)}
    set_aside_permissions = ("pos.change_hook",)

    def live(self) -> QuerySet[Hook]:
        return Hook.objects.filter(pk__in=HookDelivery.objects.given_up().order_by().values("hook"))

    def rows(self, keys: Iterable[int]) -> dict[int, Hook]:
        hooks_ = self.live().select_related("store__account", "pos__store__account")
        return {hook.pk: hook for hook in hooks_.filter(pk__in=list(keys))}

    def place(self, row: Hook) -> tuple[int | None, int]:
        store = row.store or (row.pos.store if row.pos else None)
        assert store is not None  # noqa: S101 - a constraint: of a store or of a point of sale
        return store.pk, store.account_id

    def since(self, row: Hook) -> datetime:
        return _given_up(row)["first"] or timezone.now()

    def story(self, row: Hook) -> Story:
        numbers = _given_up(row)
        last = row.deliveries.given_up().first()
        store = row.store or (row.pos.store if row.pos else None)
        first = moment(numbers["first"], store.tz) if numbers["first"] and store else "–"
        values = {"count": numbers["count"], "url": row.url, "at": first, "answer": last.answer if last else ""}
        changes = reverse("admin:pos_hookdelivery_changelist")
        return Story(
            url=f"{changes}?state=given_up&hook__id__exact={row.pk}",
            sentences=[_("%(url)s took %(count)s events in vain, since %(at)s. Last answer: %(answer)s") % values],
            proposal=_("Mend the controller or its address, then send them again; or let them go."),
            facts=fingerprint(numbers["count"], numbers["newest"]),
            actions=[Action("redeliver", _("Send again"), ("pos.change_hook",), by_name(_redeliver, row))],
        )

    def set_aside(self, row: Hook, *, actor: str, reason: str) -> None:
        hooks.drop(row.deliveries.given_up(), actor=actor, reason=reason)


def _given_up(hook: Hook) -> dict[str, Any]:
    return hook.deliveries.given_up().aggregate(count=Count("pk"), first=Min("failed_at"), newest=Max("pk"))


def _redeliver(hook: Hook, **_who: Any) -> None:
    hooks.redeliver(hook.deliveries.given_up())
