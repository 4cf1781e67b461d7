"""The character that no keyboard types and PostgreSQL keeps nowhere: refused once for all pages of people."""

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, QueryDict

from backoffice.views import unreadable

_NUL: Final = "\0"
_PEOPLE: Final = "/admin/"


class NoNulMiddleware:
    """400 for a NUL in an address, or in a form; after whoever judges how large a body may be."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(_PEOPLE) and (_NUL in request.path or _has_nul(request.GET)):
            return unreadable(request)
        return self._get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """What a form holds is read here, not above: by now its token was looked at."""
        is_form = request.method == "POST" and request.path.startswith(_PEOPLE)
        return unreadable(request) if is_form and _has_nul(request.POST) else None


def _has_nul(sent: QueryDict) -> bool:
    return any(_NUL in text for name, texts in sent.lists() for text in (name, *map(str, texts)))
