"""Cases about money: orders, refunds without an answer, differences with Mercado Pago."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.cases import order_words
from backoffice.cases.requests import MAY_REFUND, decisions_on, send
from backoffice.cases.story import RANK_DOUBT, RANK_MONEY, Action, Source, Story, by_name, fingerprint, moment, money
from orders import attention, audit, refunds
from orders.models import Difference, Order, Payment, Refund, RefundRequest
from orders.refusals import why_not_back
from orders.rules import LATE
from orders.states import Attention, RequestStatus
from orders.tasks import check_difference

_GOES_BACK = {*LATE.values(), Attention.OVERPAID, Attention.PARTIALLY_PAID, Attention.REFUND_FAILED}
_OPEN_REQUESTS = (RequestStatus.PROPOSED, RequestStatus.FAILED)


class OrderSource(Source[Order]):
    """Orders with a reason for attention, their proposals and failed refunds."""

    name, permission, kinds = "order", "orders.view_order", order_words.KINDS

    def live(self) -> QuerySet[Order]:
        return Order.objects.exclude(attention=None)

    def kind_of(self) -> F:
        return F("attention")

    def rows(self, keys: Iterable[int]) -> dict[int, Order]:
        orders = Order.objects.exclude(attention=None).filter(pk__in=list(keys)).with_site()
        whole = orders.prefetch_related("transitions", "merchant_orders__payments", "refund_requests__refunds")
        return {order.pk: order for order in whole}

    def lock(self, object_id: int) -> None:
        Order.objects.locked().filter(pk=object_id).first()

    def place(self, row: Order) -> tuple[int | None, int]:
        return row.pos.store_id, row.pos.store.account_id

    def since(self, row: Order) -> datetime:
        """When its money last changed at Mercado Pago: there is no older trace of a reason."""
        changed = Payment.objects.filter(merchant_order__order=row, updated_at__isnull=False)
        last = changed.order_by("-updated_at").values_list("updated_at", flat=True).first()
        return min(last or timezone.now(), timezone.now())

    def story(self, row: Order) -> Story:
        requests = [r for r in row.refund_requests.all() if r.status in _OPEN_REQUESTS]
        proposed = next((r for r in requests if r.status == RequestStatus.PROPOSED and r.is_of_rules), None)
        failed = [r for r in requests if r.status == RequestStatus.FAILED]
        payments = sorted((p for m in row.merchant_orders.all() for p in m.payments.all()), key=lambda p: p.pk)
        told = order_words.sentences(row, payments)
        told += [order_words.of_refund(r, refunds.failed_part(r)) for r in failed]
        kept = [r for r in row.refund_requests.all() if r.status == RequestStatus.DECLINED]
        told += [order_words.kept(r) for r in kept]
        if proposed and proposed.first_person:
            text = _("%(person)s has agreed to give it back; above the store's limit somebody else must agree, too.")
            told.append(text % {"person": proposed.first_person})
        amount = proposed.amount if proposed else refunds.failed_part(failed[0]) if failed else None
        return Story(
            url=reverse("admin:orders_order_change", args=[row.pk]),
            sentences=told,
            proposal=order_words.proposal(row, amount, is_kept=any(r.is_of_rules for r in kept)),
            facts=fingerprint(
                attention.facts(row.attention or "", row.merchant_orders.all(), row.refund_requests.all()),
                proposed and (proposed.amount, proposed.first_person_id),
            ),
            actions=[
                *_of_request(proposed, failed),
                Action("check", _("Check now"), (), by_name(_check_order, row), False),
            ],
            currency=row.currency,
        )

    def set_aside(self, row: Order, *, actor: str, reason: str) -> None:
        attention.set_aside(row, actor=actor, reason=reason)

    def who(self, object_id: int, kind: str) -> tuple[str, str] | None:
        if kind not in _GOES_BACK:
            return None
        requests = RefundRequest.objects.filter(order=object_id)
        if last := requests.exclude(decided_by="").first():
            return last.decided_by, last.decided_because
        last = requests.exclude(actor__in=("policy", "rules")).first()
        return (last.actor, last.reason) if last else None


def _of_request(proposed: RefundRequest | None, failed: list[RefundRequest]) -> Iterator[Action]:
    if proposed:
        yield from decisions_on(proposed)
    elif failed:
        amount = refunds.failed_part(failed[0])
        text = {"amount": money(amount, failed[0].order.site)}
        retry, keep = by_name(_retry, failed[0]), by_name(refunds.decline, failed[0])
        yield Action("retry", _("Try to give back %(amount)s again") % text, MAY_REFUND, retry, amount=amount)
        yield Action("keep", _("Keep %(amount)s") % text, MAY_REFUND, keep, amount=amount)


def _retry(request: RefundRequest, *, actor: str, reason: str) -> None:
    send(refunds.retry(request, actor=actor, reason=reason))


def _wake(task: Any, key: int) -> None:
    transaction.on_commit(lambda: task.delay(key), robust=True)


def _check_order(order: Order, **_who: Any) -> None:
    Order.objects.filter(pk=order.pk).update(next_check_at=timezone.now())


class RefundSource(Source[Refund]):
    """Refunds that Mercado Pago does not answer."""

    name, permission = "refund", "orders.view_refund"
    kinds = {"refund_unanswered": (gettext_lazy("refund without an answer"), RANK_MONEY)}

    def live(self) -> QuerySet[Refund]:
        return Refund.objects.unanswered(timezone.now()).select_related(
            "payment", "request__order__pos__store__account"
        )

    def place(self, row: Refund) -> tuple[int | None, int]:
        return row.request.order.pos.store_id, row.request.order.pos.store.account_id

    def label(self, row: Refund) -> str:
        return str(row.payment)

    def since(self, row: Refund) -> datetime:
        return row.asked_at or timezone.now()

    def story(self, row: Refund) -> Story:
        order = row.request.order
        amount = money(row.amount, order.site)
        at = moment(row.asked_at, order.pos.store.tz) if row.asked_at else "–"
        values = {"amount": amount, "pos": order.pos, "at": at, "attempts": row.attempts}
        told = [
            _("%(pos)s: giving back %(amount)s was asked for %(at)s, %(attempts)s times, without an answer.") % values
        ]
        return Story(
            url=reverse("admin:orders_refund_change", args=[row.pk]),
            sentences=[*told, why_not_back(row.error)] if row.error else [*told],
            proposal=_(
                "Nothing is lost: it is asked for again by itself, never twice. Ask at once if you cannot wait."
            ),
            facts=fingerprint("unanswered", row.amount, row.error),
            actions=[Action("ask", _("Ask again now"), MAY_REFUND, by_name(_ask_again, row), False)],
            currency=order.currency,
        )


def _ask_again(refund: Refund, **_who: Any) -> None:
    Refund.objects.filter(pk=refund.pk, next_attempt_at__isnull=False).update(next_attempt_at=timezone.now())


class DifferenceSource(Source[Difference]):
    """What the nightly comparison found and following Mercado Pago did not heal."""

    name, permission = "difference", "orders.view_difference"
    kinds = {"difference": (gettext_lazy("different at Mercado Pago"), RANK_DOUBT)}

    def live(self) -> QuerySet[Difference]:
        return Difference.objects.left_to_people().select_related("audit__store__account", "order")

    def place(self, row: Difference) -> tuple[int | None, int]:
        return row.audit.store_id, row.audit.store.account_id

    def since(self, row: Difference) -> datetime:
        return row.audit.done_at

    def story(self, row: Difference) -> Story:
        values = {"what": row, "day": row.audit.day, "ours": row.here, "theirs": row.there}
        told = [_("Business day %(day)s: %(what)s. Here “%(ours)s”, at Mercado Pago “%(theirs)s”.") % values]
        return Story(
            url=reverse("admin:orders_difference_change", args=[row.pk]),
            sentences=[*told, _("Order %(order)s.") % {"order": row.order}] if row.order else [*told],
            proposal=_("Have it compared again; if it stays, look it up in Mercado Pago."),
            facts=fingerprint(row.kind, row.ours, row.theirs),
            actions=[Action("check", _("Check now"), (), by_name(_compare_again, row), False)],
        )

    def set_aside(self, row: Difference, *, actor: str, reason: str) -> None:
        audit.set_aside(row, actor=actor, reason=reason)


def _compare_again(difference: Difference, **_who: Any) -> None:
    _wake(check_difference, difference.pk)
