"""What a worker does for people to deliveries."""

from typing import Final

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from notifications import services
from notifications.models import Notification
from notifications.models import Outcome as Came
from stores.models import Errand
from stores.services import connect
from stores.working import Outcome, Work


def _rehearse(notification: Notification, errand: Errand) -> Outcome:
    changes = services.rehearse(notification, client=connect(notification.account))
    if isinstance(changes, str):
        return Outcome("%(why)s", {"why": changes})
    lines = [f"{name}: {'–' if now is None else now} → {then}" for name, (now, then) in changes.items()]
    return Outcome("%(changes)s", {"changes": "\n".join(lines)})


def _replay(notification: Notification, errand: Errand) -> Outcome:
    services.process(notification, client=connect(notification.account))
    values = {"outcome": notification.get_outcome_display(), "error": notification.error}
    if notification.outcome == Came.FAILED:
        return Outcome(_("%(outcome)s: %(error)s It is tried again by itself for a day."), values, is_good=False)
    return Outcome("%(outcome)s", values)


_ROWS: Final = Notification.objects.select_related("account")

REPLAY: Final = Work(name="notifications.replay", label=gettext_lazy("Replay"), rows=_ROWS.all, do=_replay)
REHEARSE: Final = Work(
    name="notifications.rehearse",
    label=gettext_lazy("What a replay would change"),
    rows=_ROWS.all,
    do=_rehearse,
    then=("replay", gettext_lazy("Replay")),
)
