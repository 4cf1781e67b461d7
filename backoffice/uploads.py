"""How large what a browser sends may be, judged before any of it is read: Django itself keeps files of any size."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from backoffice.settlement.runs import MOST_BYTES
from backoffice.views import too_large

AROUND_A_FILE: Final = 1024 * 1024  # bytes: the rest of its form
_MACHINES: Final = ("/api/v1/", "/mp/")  # their views have limits of their own, and answer JSON


class UploadsMiddleware:
    """413 for what is larger than any form. Files are for people who are logged in, and have an end, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or ""
        if length.isdecimal() and _is_too_large(request, int(length)):
            return too_large(request)
        return self._get_response(request)


def _is_too_large(request: HttpRequest, length: int) -> bool:
    if length <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE or request.path.startswith(_MACHINES):
        return False
    is_ours = request.path.startswith("/admin/") and request.user.is_authenticated
    return not is_ours or length > MOST_BYTES + AROUND_A_FILE
