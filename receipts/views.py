"""The customer's own copy."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from receipts.models import Document, Format, receipt_id_of


@require_safe
def public_receipt(request: HttpRequest, token: str) -> HttpResponse:
    """The receipt behind the signed link: no login."""
    receipt_id = receipt_id_of(token)
    if receipt_id is None:
        raise Http404
    document = get_object_or_404(Document, receipt=receipt_id, format=Format.HTML)
    headers = {"Cache-Control": "private, max-age=3600", "Referrer-Policy": "no-referrer"}
    return HttpResponse(bytes(document.content), content_type=document.content_type, headers=headers)
