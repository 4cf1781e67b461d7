"""The customer's own copy."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from receipts import services
from receipts.models import Format, Receipt, receipt_id_of


@require_safe
def public_receipt(request: HttpRequest, token: str) -> HttpResponse:
    """The receipt behind the signed link: no login."""
    receipt_id = receipt_id_of(token)
    if receipt_id is None:
        raise Http404
    receipt = get_object_or_404(Receipt.objects.with_store().exclude(drawn_at=None), pk=receipt_id)
    _name, media_type, data = services.document(receipt, Format.HTML)
    headers = {"Cache-Control": "private, max-age=3600", "Referrer-Policy": "no-referrer"}
    return HttpResponse(data, content_type=media_type, headers=headers)
