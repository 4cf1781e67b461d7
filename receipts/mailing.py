"""A receipt by e-mail, because the customer asked for it: not too often, and without keeping the address."""

import ipaddress
import logging
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from receipts import services
from receipts.errors import Refused
from receipts.models import Kind, Receipt, ReceiptMail

logger = logging.getLogger(__name__)

PER_RECEIPT, PER_RECEIPT_TIME = 3, timedelta(days=1)
PER_SENDER, PER_SENDER_TIME = 30, timedelta(hours=1)
_ATTEMPTS = 8
_LEASE = timedelta(minutes=5)
_FIRST_PAUSE, _LONGEST_PAUSE = 30, 3600  # seconds


def ask(receipt: Receipt, *, address: str, sender_ip: str) -> ReceiptMail:
    """Put a receipt on its way. Raises Refused when it was asked for too often."""
    _count_receipt(receipt)  # first: what is refused for the receipt's sake is not held against its neighbours
    _count_sender(sender_ip)
    with transaction.atomic():
        Receipt.objects.select_for_update().get(pk=receipt.pk)  # requests at the same moment are counted too
        _count_receipt(receipt)
        return ReceiptMail.objects.create(receipt=receipt, address=address, address_hash=_hash(address.lower()))


def send(mail: ReceiptMail) -> None:
    """Send one that is due. What becomes of it is in the row; once it is over, the address is gone."""
    now = timezone.now()
    mine = ReceiptMail.objects.due(now).filter(pk=mail.pk, attempts=mail.attempts)
    if not mine.update(due_at=now + _LEASE, attempts=mail.attempts + 1):
        return
    try:
        _message(mail).send()
    except Exception as error:  # a mail server fails in many ways, and an attachment may fail to be drawn
        logger.warning("receipt %s could not be sent by e-mail: %s", mail.receipt, type(error).__name__)
        _try_later(mail, error)
    else:
        _over(mail, sent_at=timezone.now(), error="")


def _message(mail: ReceiptMail) -> EmailMessage:
    receipt = mail.receipt
    with translation.override(receipt.content["language"]):
        names = {"number": receipt.number, "store": receipt.store.name}
        if receipt.kind == Kind.REFUND:
            subject = _("Refund slip %(number)s from %(store)s") % names
            text = _("Here is the refund slip you asked for. You find it here, too:")
        else:
            subject = _("Receipt %(number)s from %(store)s") % names
            text = _("Here is the receipt you asked for. You find it here, too:")
    subject, body = " ".join(subject.split()), f"{text}\n\n{receipt.public_url}\n"
    message = EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [mail.address])
    name, media_type, content = services.document(receipt, "pdf")  # as the page's own link
    message.attach(name, content, media_type.partition(";")[0])
    return message


def _try_later(mail: ReceiptMail, error: Exception) -> None:
    text = type(error).__name__  # a server's words repeat the address
    if mail.attempts + 1 >= _ATTEMPTS:
        _over(mail, error=text)
        return
    pause = min(_FIRST_PAUSE * 2**mail.attempts, _LONGEST_PAUSE)
    due = timezone.now() + timedelta(seconds=pause)
    ReceiptMail.objects.filter(pk=mail.pk).update(due_at=due, error=text)


def _over(mail: ReceiptMail, **outcome: object) -> None:
    ReceiptMail.objects.filter(pk=mail.pk).update(due_at=None, address="", **outcome)


def _count_receipt(receipt: Receipt) -> None:
    since = timezone.now() - PER_RECEIPT_TIME
    if receipt.mails.filter(created_at__gt=since).count() >= PER_RECEIPT:
        raise Refused(_("This receipt was sent often enough for today. Save it as a PDF, or try again tomorrow."))


def _count_sender(ip: str) -> None:
    """Counted in the cache: added to at once, so that requests at the same moment are all counted."""
    from redis import RedisError  # loads half a megabyte of Python, which only this answer needs

    key = (
        "receipts.mail-sender." + salted_hmac("receipts.mail-sender", _neighborhood(ip), algorithm="sha256").hexdigest()
    )
    try:
        cache.add(key, 0, timeout=PER_SENDER_TIME.total_seconds())
        count = cache.incr(key)
    except (RedisError, ValueError) as error:  # ValueError: it ran out between the two
        logger.warning("e-mails cannot be counted: %s", type(error).__name__)
        raise Refused(_("This does not work at the moment. Try again in a minute.")) from error
    if count > PER_SENDER:
        raise Refused(_("Too many receipts were asked for from here. Try again in an hour."))


def _hash(text: str) -> str:
    """Keyed, so that nobody without our secret can try addresses out."""
    return salted_hmac("receipts.mailing", text, algorithm="sha256").hexdigest()


def _neighborhood(ip: str) -> str:
    """One customer may have a whole /64 of IPv6 addresses."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((ip, 64), strict=False)) if address.version == 6 else ip
