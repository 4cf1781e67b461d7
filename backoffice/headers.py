"""What browsers are told about every page of ours: nothing runs, is drawn or is fetched but what we serve.

And what everything between them and us is told about answers to machines: nobody keeps them.
"""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

_HEADER: Final = "Content-Security-Policy"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_TO_MACHINES: Final = ("/api/v1/", "/mp/", "/healthz", "/readyz")
_PAGES: Final = ("text/html", "image/svg+xml")  # what a browser would run something in


class PolicyMiddleware:
    """Gives every page a Content-Security-Policy that has none of its own, and every answer to a machine that says
    nothing about it a Cache-Control; ahead of all that could answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self._get_response(request)
        if answer.get("Content-Type", "").startswith(_PAGES):
            answer.headers.setdefault(_HEADER, POLICY)
        if request.path.startswith(_TO_MACHINES):
            answer.headers.setdefault("Cache-Control", "no-store")
        return answer
