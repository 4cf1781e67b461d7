"""A short way for deliveries: past sessions, languages, log-ins and messages, which only people's pages need."""

import re
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from notifications.views import MAX_BODY, keep

_HEADERS = {"X-Content-Type-Options": "nosniff"}
_DELIVERY = re.compile(r"/mp/notifications/([-a-zA-Z0-9_]+)")  # as in urls.py


class DeliveriesFirst:
    """The first middleware: what comes after it costs a third of a delivery, and deliveries come in floods.

    It stores and answers; whatever is not as usual goes on to `notifications.views.NotificationView`, the reference.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        delivery = _DELIVERY.fullmatch(request.path_info)
        if delivery and request.method == "POST" and _is_short(request):
            try:
                if keep(request, delivery[1], request.body):
                    return HttpResponse(b"{}", content_type="application/json", headers=_HEADERS)
            except DatabaseError:
                pass  # the view tries once more, and says what is to be said
        return self._get_response(request)


def _is_short(request: HttpRequest) -> bool:
    """Whether it says how long it is, and that is not too long."""
    length = request.META.get("CONTENT_LENGTH") or ""
    return length.isdecimal() and int(length) <= MAX_BODY
