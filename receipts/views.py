"""The customer's own copy, behind a signed link: no login."""

import io

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from receipts import display, mailing, page, services
from receipts.errors import Refused
from receipts.models import Format, Receipt, receipt_id_of
from receipts.policy import policy_of
from receipts.tasks import send_mail
from stores.visitors import address_of

_FORMATS = ("html", "pdf", "txt")
_MAX_ADDRESS = 254
_SENT = "receipt-sent"  # a cookie of that one page: it says once that the e-mail is on its way
_HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "same-origin",  # with no-referrer, browsers would not say either where the form comes from
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": policy_of(""),
}


@require_http_methods(["GET", "HEAD", "POST"])
def public_receipt(request: HttpRequest, token: str) -> HttpResponse:
    """The receipt for its customer: to look at, to print, to save, to be sent."""
    receipt = _find(token)
    if receipt is None:
        return no_receipt(request)
    if request.method == "POST" and settings.SENDS_EMAIL:
        return _send(request, receipt)
    if format := request.GET.get("format"):
        return _file(receipt, format)
    answer = _page(request, receipt, is_sent=bool(request.COOKIES.get(_SENT)))
    if _SENT in request.COOKIES:
        answer.delete_cookie(_SENT, path=request.path, samesite="Lax")
    return answer


@require_safe
def public_qr(request: HttpRequest, token: str) -> HttpResponse:
    """The link of that receipt as a QR code."""
    receipt = _find(token)
    if receipt is None:
        return no_receipt(request)
    picture = io.BytesIO()
    display.code(receipt.public_url).save(picture, kind="png", scale=8, border=4)
    return HttpResponse(picture.getvalue(), content_type="image/png", headers={**_HEADERS})


def no_receipt(request: HttpRequest, rest: str = "") -> HttpResponse:
    """404: a link that is not one of ours, that was cut, or whose receipt is not there. All are told the same."""
    return _answer(page.no_receipt(request), status=404)


def form_expired(request: HttpRequest) -> HttpResponse:
    """403: the form without its token."""
    return _answer(page.form_expired(request), status=403)


def _find(token: str) -> Receipt | None:
    receipt_id = receipt_id_of(token)
    return None if receipt_id is None else Receipt.objects.with_store().filter(pk=receipt_id).first()


def _page(request: HttpRequest, receipt: Receipt, *, status: int = 200, **shown: object) -> HttpResponse:
    answer = _answer(page.write(receipt, request, **shown), status=status)  # type: ignore[arg-type]
    answer["Content-Language"] = receipt.content["language"]  # the visitor's own may be another one
    return answer


def _answer(html: str, *, status: int) -> HttpResponse:
    return HttpResponse(html, status=status, headers=_HEADERS | {"Content-Security-Policy": policy_of(html)})


def _file(receipt: Receipt, format: str) -> HttpResponse:
    with translation.override(receipt.content["language"]):
        none = HttpResponse(
            _("There is no such file of this receipt."), status=404, content_type="text/plain", headers=_HEADERS
        )
    if (format := format.lower()) not in _FORMATS:
        return none
    name, media_type, content = services.document(receipt, format)
    headers = _HEADERS | {"Content-Disposition": f'inline; filename="{name}"'}
    if format == Format.HTML:
        headers["Content-Security-Policy"] = policy_of(content.decode())
    if format == Format.PDF:  # a strict policy keeps Chrome's own viewer, and its print button, from showing it
        headers["Content-Security-Policy"] = "frame-ancestors 'none'"
    return HttpResponse(content, content_type=media_type, headers=headers)


def _send(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    address = request.POST.get("address", "").strip()[: _MAX_ADDRESS + 1]
    with translation.override(receipt.content["language"]):
        try:
            _check(address)
            mail = mailing.ask(receipt, address=address, sender_ip=address_of(request))
        except ValidationError as error:
            return _page(request, receipt, status=400, address=address, error=error.messages[0])
        except Refused as refusal:
            return _page(request, receipt, status=429, address=address, error=str(refusal))
    transaction.on_commit(lambda: send_mail.delay(mail.pk), robust=True)
    answer = HttpResponseRedirect(request.path, headers=_HEADERS)
    secure = settings.SESSION_COOKIE_SECURE
    answer.set_cookie(_SENT, "1", max_age=300, path=request.path, secure=secure, httponly=True, samesite="Lax")
    return answer


def _check(address: str) -> None:
    if len(address) > _MAX_ADDRESS:
        raise ValidationError(_("An e-mail address has at most 254 characters."))
    EmailValidator(_("This is no e-mail address; write one like ana@example.com."))(address)
