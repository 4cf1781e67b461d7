"""Giving money back: asked for, decided, sent. The row and its key exist before Mercado Pago is called."""

import logging
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from gateway.client import Client
from gateway.errors import GatewayError, NotAsked, PermanentError, Unauthorized
from gateway.remote import RemoteRefund
from orders import limits, services, trail
from orders.announcements import announce_refund
from orders.errors import Refused
from orders.models import MoneyEvent, Order, Refund, RefundRequest
from orders.settlement import settle
from orders.signals import refund_approved, refund_proposed
from orders.spreading import Source, propose, refundable, start
from orders.states import RefundStatus, RequestStatus
from stores import breaker
from stores.amounts import written

logger = logging.getLogger(__name__)

_LEASE = timedelta(minutes=1)  # longer than a call can take
_CLOCKS_DIFFER = timedelta(minutes=5)
_WORDS = {"approved": RefundStatus.APPROVED, "rejected": RefundStatus.FAILED, "cancelled": RefundStatus.FAILED}


@transaction.atomic
def ask(
    order: Order,
    *,
    amount: Decimal | None,
    reason: str,
    actor: str,
    idempotency_key: str,
    fingerprint: str = "",
    person: User | None = None,
) -> tuple[RefundRequest, bool]:
    """A request to give back `amount`, or all that can be; and whether it is new. `send` it after the commit.

    Above its store's limit it waits for a second person, when a `person` asks; without one it is refused.
    """
    order = Order.objects.locked().get(pk=order.pk)
    if made := order.refund_requests.filter(idempotency_key=idempotency_key).first():
        if made.fingerprint != fingerprint:
            text = _("This Idempotency-Key was used for another refund: take a new key for every refund.")
            raise Refused("idempotency-key-reused", text)
        return made, False
    request = RefundRequest(
        order=order,
        reason=reason,
        actor=actor[:100],
        idempotency_key=idempotency_key,
        fingerprint=fingerprint,
        first_person=person,
    )
    request.amount = _all(refundable(request)) if amount is None else amount
    if request.amount <= 0:
        raise Refused("nothing-to-refund", _("Nothing of this order can be refunded: no payment of it is approved."))
    if limits.needs_second_person(request):
        propose(request)
        refund_proposed.send(sender=RefundRequest, request_id=request.pk)
        return request, True
    start(request)
    announce_refund(settle(order.pk, [], actor=actor), request)
    return request, True


@transaction.atomic
def accept(request: RefundRequest, *, person: User, reason: str = "") -> RefundRequest:
    """A person agrees to a proposal. `send` it after the commit: nothing goes out while it waits for a second one."""
    request = _proposal(request)
    if not limits.is_agreed(request, person=person):
        return request
    request.decided_by, request.decided_because = str(person)[:100], reason[:200]
    start(request)
    _settle_failed(request, actor=str(person))
    announce_refund(settle(request.order_id, [], actor=str(person)), request)
    return request


@transaction.atomic
def decline(request: RefundRequest, *, actor: str, reason: str = "") -> RefundRequest:
    """A person decides to keep the money: it is not proposed again, and what failed is not needed any more."""
    order = Order.objects.locked().get(pk=request.order_id)
    request = order.refund_requests.get(pk=request.pk)
    before = request.status
    if before == RequestStatus.FAILED:
        status, event = RequestStatus.WITHDRAWN, MoneyEvent.REFUND_WITHDRAWN
    else:
        request = _proposal(request)
        status, event = RequestStatus.DECLINED, MoneyEvent.REFUND_DECLINED
        _settle_failed(request, actor=actor)
    request.decided_by, request.status, request.decided_because = actor[:100], status, reason[:200]
    request.save()
    trail.request(request, event, actor=actor, before=before)
    settle(request.order_id, [], actor=actor)
    return request


@transaction.atomic
def retry(request: RefundRequest, *, actor: str, reason: str = "") -> RefundRequest:
    """Ask once more for what Mercado Pago refused of a request, as a request of its own. `send` it after the commit."""
    order = Order.objects.locked().get(pk=request.order_id)
    request = order.refund_requests.get(pk=request.pk)
    if request.status != RequestStatus.FAILED:
        raise Refused("decided", _("This refund has not failed: it is %s.") % request.get_status_display())
    request.status, request.decided_by, request.decided_because = RequestStatus.WITHDRAWN, actor[:100], reason[:200]
    request.save()
    trail.request(request, MoneyEvent.REFUND_WITHDRAWN, actor=actor, before=RequestStatus.FAILED)
    for proposal in order.refund_requests.of_rules().filter(status=RequestStatus.PROPOSED):
        proposal.status = RequestStatus.WITHDRAWN
        proposal.save()
        trail.request(proposal, MoneyEvent.REFUND_WITHDRAWN, actor=actor, before=RequestStatus.PROPOSED)
    again = RefundRequest(order=order, reason=request.reason, actor=actor[:100], amount=failed_part(request))
    again.first_person, again.idempotency_key = request.first_person, str(uuid4())
    start(again)
    announce_refund(settle(order.pk, [], actor=actor), again)
    return again


def failed_part(request: RefundRequest) -> Decimal:
    """What of a failed request did not go back."""
    return request.refunds.filter(status=RefundStatus.FAILED).total() or request.amount


def send(request: RefundRequest, *, client: Client) -> RefundRequest:
    """Carry out a request's refunds, then follow the order. What gets no answer now is due again later."""
    for refund in request.refunds.filter(status=RefundStatus.PENDING):
        send_one(refund, client=client)
    request.refresh_from_db()
    return request


def send_one(refund: Refund, *, client: Client) -> None:
    """Call Mercado Pago for one refund. Never blindly twice: from the second time on it is asked first."""
    if not _lease(refund):
        return
    try:
        answer = _ask(refund, client)
    except _RefundRefused as refusal:
        _finish(refund, RefundStatus.FAILED, error=str(refusal))
    except NotAsked as error:
        _give_back(refund, error)
        return
    except GatewayError as error:
        logger.warning("refund %s: %s", refund.pk, error)
        refund.error = str(error)
        refund.save(update_fields=["error"])
        return
    else:
        _follow(refund, answer)
    try:
        services.refresh(refund.request.order, client=client, actor=f"refund {refund.pk}")
    except GatewayError as error:
        logger.warning("order %s could not be followed after a refund: %s", refund.request.order, error)


class _RefundRefused(Exception):
    """Mercado Pago said no."""


def _ask(refund: Refund, client: Client) -> RemoteRefund:
    """What Mercado Pago made of it, now or at an earlier call.

    Only a 4xx to the refund itself says that it was not made. After whatever else, also a 201 that cannot be read, it
    may have been; and a token can be renewed.
    """
    if refund.attempts > 1 and (made := _find(refund, client)):
        return made
    try:
        return client.refund(refund.payment.remote_id, amount=_part(refund), key=str(refund.key))
    except PermanentError as error:
        if isinstance(error, Unauthorized) or not 400 <= error.status < 500:
            raise
        raise _RefundRefused(str(error)) from error


def _follow(refund: Refund, answer: RemoteRefund) -> None:
    error = ""
    if answer.amount != refund.amount and answer.amount > 0:
        # A whole payment was asked for, and a part of it had gone back from elsewhere: it counts what really went.
        site = refund.request.order.site
        values = {"asked": written(refund.amount, site), "made": written(answer.amount, site)}
        error = _("%(made)s instead of %(asked)s: the rest had been refunded before.") % values
        refund.amount = answer.amount
    _finish(refund, _WORDS.get(answer.status, RefundStatus.PENDING), answer=answer, error=error)


def _proposal(request: RefundRequest) -> RefundRequest:
    order = Order.objects.locked().get(pk=request.order_id)
    request = order.refund_requests.get(pk=request.pk)
    if request.status != RequestStatus.PROPOSED:
        raise Refused("decided", _("This is no longer a proposal: it is %s.") % request.get_status_display())
    return request


def _settle_failed(request: RefundRequest, *, actor: str) -> None:
    """What the policy tried in vain was proposed to a person, who has decided now."""
    if not request.is_of_rules:
        return
    for failed in request.order.refund_requests.filter(status=RequestStatus.FAILED, actor="policy"):
        failed.decided_by, failed.status = actor[:100], RequestStatus.WITHDRAWN
        failed.save()
        trail.request(failed, MoneyEvent.REFUND_WITHDRAWN, actor=actor, before=RequestStatus.FAILED)


def _all(sources: list[Source]) -> Decimal:
    return sum((source.left for source in sources), Decimal(0))


def _part(refund: Refund) -> Decimal | None:
    """None for a whole payment, which some countries take nothing else than (protocol.md §6)."""
    return None if refund.amount == refund.payment.amount else refund.amount


def _lease(refund: Refund) -> bool:
    """Take a due refund, so that nobody else sends it meanwhile; on record before the call is made."""
    now = timezone.now()
    pause = max(_LEASE, timedelta(seconds=min(30 * 2**refund.attempts, 3600)))
    taken = Refund.objects.due(now).filter(pk=refund.pk)
    if not taken.update(next_attempt_at=now + pause, attempts=F("attempts") + 1, asked_at=Coalesce("asked_at", now)):
        return False
    refund.refresh_from_db()
    return True


def _give_back(refund: Refund, error: NotAsked) -> None:
    """Nothing was sent: it is as if it had not been taken, and due again soon."""
    refund.attempts -= 1
    refund.asked_at = refund.asked_at if refund.attempts else None
    refund.next_attempt_at = timezone.now() + timedelta(seconds=error.retry_after)
    refund.error = breaker.said(error)
    refund.save(update_fields=["attempts", "asked_at", "next_attempt_at", "error"])


def _find(refund: Refund, client: Client) -> RemoteRefund | None:
    """Our refund among those Mercado Pago made: the answer to an earlier call may have been lost."""
    assert refund.asked_at is not None  # noqa: S101 - set by the lease
    others = Refund.objects.filter(payment=refund.payment).exclude(pk=refund.pk)
    claimed = set(others.values_list("remote_id", flat=True))
    for made in client.list_refunds(refund.payment.remote_id):
        is_recent = made.created_at is None or made.created_at > refund.asked_at - _CLOCKS_DIFFER
        is_like_ours = made.amount == refund.amount and made.id not in claimed and is_recent
        if made.id == refund.remote_id or (refund.remote_id is None and is_like_ours):
            return made
    return None


@transaction.atomic
def _finish(refund: Refund, status: RefundStatus, *, answer: RemoteRefund | None = None, error: str = "") -> None:
    order = Order.objects.locked().get(pk=refund.request.order_id)
    before = refund.status
    refund.status, refund.remote_id, refund.error = status, answer.id if answer else None, error
    if status != RefundStatus.PENDING:
        refund.next_attempt_at = None
    refund.made_at = (answer.created_at or refund.asked_at) if answer else None
    refund.answered_at = timezone.now()
    refund.save()
    if refund.status != before:
        trail.answer(refund, before=before)
    request = refund.request
    states = set(request.refunds.values_list("status", flat=True))
    if RefundStatus.PENDING not in states:
        request.status = RequestStatus.FAILED if RefundStatus.FAILED in states else RequestStatus.APPROVED
        request.save()
        if request.status == RequestStatus.APPROVED:
            refund_approved.send(sender=RefundRequest, request_id=request.pk)
    logger.info("order %s: refund of %s of payment %s: %s %s", order, refund.amount, refund.payment, status, error)
    order = settle(order.pk, [], actor=f"refund {refund.pk}")
    if request.status != RequestStatus.PENDING:
        announce_refund(order, request)
