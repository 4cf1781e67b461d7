"""The customer's own copy, behind a signed link: no login."""

import io

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from receipts import display, mailing, page, services
from receipts.errors import Refused
from receipts.models import Receipt, receipt_id_of
from receipts.tasks import send_mail

_FORMATS = ("html", "pdf", "txt")
_MAX_ADDRESS = 254
_HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers would not say either where the form comes from
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
}


@require_http_methods(["GET", "HEAD", "POST"])
def public_receipt(request: HttpRequest, token: str) -> HttpResponse:
    """The receipt for its customer: to look at, to print, to save, to be sent."""
    receipt = _find(token)
    if request.method == "POST" and settings.SENDS_EMAIL:
        return _send(request, receipt)
    if format := request.GET.get("format"):
        return _file(receipt, format)
    return _page(request, receipt, is_sent="sent" in request.GET and mailing.was_just_asked(receipt))


@require_safe
def public_qr(request: HttpRequest, token: str) -> HttpResponse:
    """The link of that receipt as a QR code."""
    picture = io.BytesIO()
    display.code(_find(token).public_url).save(picture, kind="png", scale=8, border=4)
    return HttpResponse(picture.getvalue(), content_type="image/png", headers={**_HEADERS})


def _find(token: str) -> Receipt:
    """A link that is not one of ours says the same as one whose receipt is not there."""
    receipt_id = receipt_id_of(token)
    if receipt_id is None:
        raise Http404
    return get_object_or_404(Receipt.objects.with_store(), pk=receipt_id)


def _page(request: HttpRequest, receipt: Receipt, *, status: int = 200, **shown: object) -> HttpResponse:
    return HttpResponse(page.write(receipt, request, **shown), status=status, headers=_HEADERS)  # type: ignore[arg-type]


def _file(receipt: Receipt, format: str) -> HttpResponse:
    with translation.override(receipt.content["language"]):
        none = HttpResponse(
            _("There is no such file of this receipt."), status=404, content_type="text/plain", headers=_HEADERS
        )
    if (format := format.lower()) not in _FORMATS:
        return none
    name, media_type, content = services.document(receipt, format)
    headers = _HEADERS | {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content, content_type=media_type, headers=headers)


def _send(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    address = request.POST.get("address", "").strip()[: _MAX_ADDRESS + 1]
    with translation.override(receipt.content["language"]):
        try:
            _check(address)
            mail = mailing.ask(receipt, address=address, sender_ip=_sender_ip(request))
        except ValidationError as error:
            return _page(request, receipt, status=400, address=address, error=error.messages[0])
        except Refused as refusal:
            return _page(request, receipt, status=429, address=address, error=str(refusal))
    transaction.on_commit(lambda: send_mail.delay(mail.pk), robust=True)
    return HttpResponseRedirect(f"{request.path}?sent", headers=_HEADERS)


def _check(address: str) -> None:
    if len(address) > _MAX_ADDRESS:
        raise ValidationError(_("An e-mail address has at most 254 characters."))
    EmailValidator(_("This is no e-mail address; write one like ana@example.com."))(address)


def _sender_ip(request: HttpRequest) -> str:
    """The customer's address, as the outermost proxy of ours saw it."""
    proxies: int = settings.TRUSTED_PROXIES
    hops: list[str] = request.headers.get("X-Forwarded-For", "").split(",")
    if 0 < proxies <= len(hops):
        return hops[-proxies].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
