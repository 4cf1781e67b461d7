"""What is not the same here and at Mercado Pago."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.remote import RemoteMerchantOrder, RemotePayment
from gateway.sites import Site
from orders.models import DifferenceKind, MerchantOrder, Order, Payment
from orders.models.order import REFERENCE
from orders.states import Status
from stores.models import Account

Subject = tuple[DifferenceKind, int | None, int | None, int | None]
_LIKE_OURS = re.compile(REFERENCE)


@dataclass(frozen=True, slots=True)
class Found:
    """A difference before it is written down. `order` is None when none of ours is meant."""

    kind: DifferenceKind
    order: Order | None
    merchant_order_id: int | None = None
    payment_id: int | None = None
    ours: str = ""
    theirs: str = ""

    @property
    def subject(self) -> Subject:
        """What makes it the same difference when it is looked for again."""
        return self.kind, self.order.pk if self.order else None, self.merchant_order_id, self.payment_id


def looks_like_ours(remote: RemoteMerchantOrder) -> bool:
    """Whether its reference is one that we could have made. Others are of other software on the same account."""
    return _LIKE_OURS.fullmatch(remote.external_reference.upper()) is not None


def compare(
    account: Account, remote: Sequence[RemoteMerchantOrder], orders: dict[str, Order], missing: Sequence[MerchantOrder]
) -> list[Found]:
    """All differences. `orders` are those that `remote` names; `missing` is what Mercado Pago does not have."""
    ours = {
        m.remote_id: m for m in MerchantOrder.objects.filter(account=account, remote_id__in=[one.id for one in remote])
    }
    payments: dict[int, dict[int, Payment]] = defaultdict(dict)
    for payment in Payment.objects.filter(merchant_order__in=ours.values()):
        payments[payment.merchant_order_id][payment.remote_id] = payment
    found: list[Found] = []
    for one in remote:
        order = orders.get(one.external_reference.upper())
        if mine := ours.get(one.id):
            found += _merchant_order(one, mine, payments[mine.pk], order, account.site)
        else:
            theirs = f"{one.status} {one.external_reference}"
            found.append(Found(DifferenceKind.UNKNOWN_HERE, order, one.id, theirs=theirs))
    found += [Found(DifferenceKind.UNKNOWN_THERE, m.order, m.remote_id, ours=m.status) for m in missing]
    return found + _not_closed(orders)


def _merchant_order(
    remote: RemoteMerchantOrder, ours: MerchantOrder, payments: dict[int, Payment], order: Order | None, site: Site
) -> Iterator[Found]:
    if ours.objection:
        why = str(ours.get_objection_display())
        yield Found(DifferenceKind.NOT_COUNTED, order, remote.id, ours=why, theirs=remote.status)
        return
    if ours.status != remote.status:
        yield Found(DifferenceKind.MERCHANT_ORDER_STATUS, order, remote.id, ours=ours.status, theirs=remote.status)
    for payment in remote.payments:
        for kind, here, there in _payment(payments.get(payment.id), payment, site):
            yield Found(kind, order, remote.id, payment.id, ours=here, theirs=there)


def _payment(ours: Payment | None, remote: RemotePayment, site: Site) -> Iterator[tuple[DifferenceKind, str, str]]:
    if ours is None:
        yield DifferenceKind.PAYMENT_MISSING, "", f"{remote.status} {site.text(remote.amount)}"
        return
    if ours.status != remote.status:
        yield DifferenceKind.PAYMENT_STATUS, ours.status, remote.status
    if ours.amount != remote.amount:
        yield DifferenceKind.PAYMENT_AMOUNT, site.text(ours.amount), site.text(remote.amount)
    if ours.refunded != remote.refunded:
        yield DifferenceKind.PAYMENT_REFUNDED, site.text(ours.refunded), site.text(remote.refunded)


def _not_closed(orders: dict[str, Order]) -> list[Found]:
    today = Order.objects.filter(pk__in=[order.pk for order in orders.values()]).exclude(status=Status.CLOSED)
    return [
        Found(DifferenceKind.NOT_CLOSED, order, ours=order.status, theirs=order.payment_status)
        for order in today.with_site()
        if order.is_paid_but_not_closed
    ]
