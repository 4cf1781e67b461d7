"""Which payments a refund comes from, and within which limits (protocol.md §6)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import combinations

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from gateway.sites import Site
from orders import trail
from orders.errors import Refused
from orders.models import MoneyEvent, Order, Payment, Refund, RefundRequest
from orders.states import APPROVED, RequestStatus
from stores.amounts import written


@dataclass(frozen=True, slots=True)
class Source:
    """A payment, and what of it can still go back."""

    payment: Payment
    left: Decimal

    @property
    def is_whole(self) -> bool:
        return bool(self.left == self.payment.amount)


def start(request: RefundRequest) -> None:
    """Make a request's refunds, one per payment, to be sent at once. Its order is locked. Raises Refused."""
    site, now = request.order.site, timezone.now()
    parts = spread(request.amount, refundable(request), site=site, now=now)
    before, request.status = request.status, RequestStatus.PENDING
    request.save()
    trail.request(request, MoneyEvent.REFUND_ASKED, actor=request.decided_by or request.actor, before=before)
    Refund.objects.bulk_create(
        [Refund(request=request, payment=payment, amount=amount, next_attempt_at=now) for payment, amount in parts]
    )


def propose(request: RefundRequest) -> None:
    """Keep a request until somebody else agrees. What cannot be refunded is refused at once: raises Refused."""
    spread(request.amount, refundable(request), site=request.order.site, now=timezone.now())
    request.status = RequestStatus.PROPOSED
    request.save()
    trail.request(request, MoneyEvent.REFUND_PROPOSED, actor=request.actor)


def left_of(order: Order) -> Decimal:
    """What of an order is still here and can go back: neither gone nor on its way."""
    return sum((source.left for source in refundable(RefundRequest(order=order))), Decimal(0))


def check(order: Order, amount: Decimal) -> None:
    """Whether so much of it can go back, before a person is asked to confirm it. Raises Refused."""
    request = RefundRequest(order=order, amount=amount)
    spread(amount, refundable(request), site=order.site, now=timezone.now())


def refundable(request: RefundRequest) -> list[Source]:
    """The payments of the request's order of which something is left, the newest first."""
    payments = Payment.objects.counted_for(request.order_id).filter(status=APPROVED)
    unreported = Refund.objects.unreported().filter(payment__in=payments)
    on_the_way = dict(unreported.values_list("payment").annotate(Sum("amount")))
    left = [Source(p, p.amount - p.refunded - on_the_way.get(p.pk, Decimal(0))) for p in payments.order_by("-pk")]
    return [source for source in left if source.left > 0]


def spread(amount: Decimal, sources: list[Source], *, site: Site, now: datetime) -> list[tuple[Payment, Decimal]]:
    """How much of which payment: one that matches exactly, otherwise the newest first. Raises Refused."""
    oldest = now - timedelta(days=site.refund_days)
    in_time = [s for s in sources if s.payment.approved_at is None or s.payment.approved_at > oldest]
    most = sum((source.left for source in in_time), Decimal(0))
    if amount > sum((source.left for source in sources), Decimal(0)):
        text = _("At most %(amount)s %(currency)s can be refunded of this order.")
        raise Refused("refund-too-large", text % {"amount": written(most, site), "currency": site.currency})
    if amount > most:
        text = _("Mercado Pago refunds payments for %(days)s days; at most %(amount)s %(currency)s is still in time.")
        values = {"days": site.refund_days, "amount": written(most, site), "currency": site.currency}
        raise Refused("refund-too-late", text % values)
    if not site.refunds_parts:
        return _whole(amount, in_time, site)
    if exact := next((source for source in in_time if source.left == amount), None):
        return [(exact.payment, amount)]
    parts, rest = [], amount
    for source in in_time:
        part = min(source.left, rest)
        if part > 0:
            parts.append((source.payment, part))
        rest -= part
    return parts


def _whole(amount: Decimal, sources: list[Source], site: Site) -> list[tuple[Payment, Decimal]]:
    whole = [source for source in sources if source.is_whole][:10]  # people pay once or twice: few enough to try all
    for count in range(1, len(whole) + 1):
        for chosen in combinations(whole, count):
            if sum((source.left for source in chosen), Decimal(0)) == amount:
                return [(source.payment, source.left) for source in chosen]
    text = _("In this country only whole payments can be refunded; there are: %(amounts)s.")
    amounts = ", ".join(written(source.left, site) for source in whole) or "0"
    raise Refused("refund-of-a-part", text % {"amounts": amounts})
