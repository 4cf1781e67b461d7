"""Cases of refunds that a person asked for and that a second person must agree to."""

from collections.abc import Iterator
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.cases.story import RANK_MONEY, Action, Source, Story, by_name, fingerprint, moment, money
from orders import limits, refunds
from orders.models import RefundRequest
from orders.states import RequestStatus
from orders.tasks import send_refund

MAY_REFUND = ("orders.change_refundrequest",)


class RequestSource(Source[RefundRequest]):
    """What people asked for above their store's limit. What the rules propose stands with its order."""

    name, permission = "request", "orders.view_refundrequest"
    kinds = {"second_person": (gettext_lazy("refund that a second person must agree to"), RANK_MONEY)}
    set_aside_permissions = MAY_REFUND

    def live(self) -> QuerySet[RefundRequest]:
        waiting = RefundRequest.objects.filter(status=RequestStatus.PROPOSED).exclude(idempotency_key=None)
        return waiting.select_related("order__pos__store__account", "first_person")

    def place(self, row: RefundRequest) -> tuple[int | None, int]:
        return row.order.pos.store_id, row.order.pos.store.account_id

    def label(self, row: RefundRequest) -> str:
        return str(row.order)

    def since(self, row: RefundRequest) -> datetime:
        return row.created_at

    def story(self, row: RefundRequest) -> Story:
        values = {
            "person": row.first_person or row.actor,
            "amount": money(row.amount, row.order.site),
            "order": row.order,
            "pos": row.order.pos,
            "at": moment(row.created_at, row.order.pos.store.tz),
        }
        told = [_("%(person)s asked on %(at)s to give back %(amount)s of order %(order)s at %(pos)s.") % values]
        told += [_("The reason given: %(reason)s") % {"reason": row.reason}] if row.reason else []
        return Story(
            url=reverse("admin:orders_refundrequest_change", args=[row.pk]),
            sentences=[*told],
            proposal=_("This is above the store's limit: somebody else than %(person)s agrees, or keeps it.") % values,
            facts=fingerprint(row.pk, row.amount, row.status),
            actions=list(decisions_on(row)),
            currency=row.order.currency,
        )

    def set_aside(self, row: RefundRequest, *, actor: str, reason: str) -> None:
        refunds.decline(row, actor=actor, reason=reason)

    def who(self, object_id: int, kind: str) -> tuple[str, str] | None:
        request = RefundRequest.objects.filter(pk=object_id).exclude(decided_by="").first()
        return (request.decided_by, request.decided_because) if request else None


def decisions_on(proposed: RefundRequest) -> Iterator[Action]:
    """To give the money back, or to keep it. Above the store's limit the first person only agrees."""
    text, first = {"amount": money(proposed.amount, proposed.order.site)}, proposed.first_person_id

    def accept(*, person: User, reason: str) -> None:
        send(refunds.accept(proposed, person=person, reason=reason))

    if limits.is_above(proposed) and first is None:
        yield Action("agree", _("Agree to give back %(amount)s, as the first of two people") % text, MAY_REFUND, accept)
    else:
        back = _("Give back %(amount)s") % text
        yield Action("refund", back, MAY_REFUND, accept, amount=proposed.amount, not_by=first)
    keep = by_name(refunds.decline, proposed)
    yield Action("keep", _("Keep %(amount)s") % text, MAY_REFUND, keep, amount=proposed.amount)


def send(request: RefundRequest) -> None:
    """As soon as this is committed; the sweep sends what nobody was woken for."""
    for key in request.refunds.values_list("pk", flat=True):
        _wake(key)


def _wake(key: int) -> None:
    transaction.on_commit(lambda: send_refund.delay(key), robust=True)
