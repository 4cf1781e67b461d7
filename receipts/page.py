"""The customer's page: the receipt as it was drawn, and what can be done with it. It works without its script."""

from babel.numbers import format_decimal
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from orders.states import LoyaltyStatus
from receipts import services
from receipts.layout import total_of
from receipts.models import Receipt


def write(receipt: Receipt, request: HttpRequest, *, address: str = "", error: str = "", is_sent: bool = False) -> str:
    """The page, in the language of the receipt."""
    _name, _media_type, drawn = services.document(receipt, "html")
    shown: dict[str, object] = {"address": address, "error": error, "is_sent": is_sent}
    shown |= {"sends_email": settings.SENDS_EMAIL, "points": _points(receipt)}
    with translation.override(receipt.content["language"]):
        style = render_to_string("receipts/page_style.html")
        refunds = render_to_string("receipts/page_refunds.html", {"receipt": receipt.of, "slips": _slips(receipt)})
        tools = render_to_string("receipts/page_tools.html", shown, request)
    return _insert(drawn.decode(), before_head_ends=style, before_body_ends=refunds + tools)


def _points(receipt: Receipt) -> str:
    """What the loyalty program has credited since the receipt was drawn: its words stay as they are."""
    order = receipt.order
    if order is None or order.loyalty_status != LoyaltyStatus.ACCREDITED or order.loyalty_points is None:
        return ""
    return str(format_decimal(order.loyalty_points, locale=order.site.locale))


def _slips(receipt: Receipt) -> list[tuple[Receipt, str]]:
    """What went back, and how much, in the words of the slip itself."""
    return [(slip, total_of(slip.content)) for slip in receipt.slips.drawn().order_by("pk")]


def no_receipt(request: HttpRequest) -> str:
    """What somebody with a wrong link is told, in their own language: the receipt's is not known."""
    text = _(
        "This link leads to no receipt. Perhaps it was cut when it was copied: open the whole link, or scan the code "
        "on the paper receipt once more."
    )
    return render_to_string("receipts/page_message.html", {"heading": _("No receipt here"), "text": text}, request)


def form_expired(request: HttpRequest) -> str:
    """What somebody is told whose browser did not bring the form's token back."""
    text = _(
        "The page had been open for too long, or your browser keeps no cookies. Open the receipt again, and ask for "
        "the e-mail there."
    )
    shown = {"heading": _("Nothing was sent"), "text": text, "again": request.path}
    return render_to_string("receipts/page_message.html", shown, request)


def _insert(html: str, *, before_head_ends: str, before_body_ends: str) -> str:
    """The receipt is a whole document, drawn once; what a customer types or wrote is escaped in it."""
    head, head_end, rest = html.partition("</head>")
    body, body_end, end = rest.rpartition("</body>")
    return "".join((head, before_head_ends, head_end, body, before_body_ends, body_end, end))
