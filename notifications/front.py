"""A way in for deliveries that passes by what only people's pages need: sessions, languages, log-ins, messages."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from notifications.views import receive

_DELIVERY = re.compile(r"/mp/notifications/([-a-zA-Z0-9_]+)")  # as in urls.py


class DeliveriesFirst:
    """The first middleware. All others together cost a fifth of a delivery."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        delivery = _DELIVERY.fullmatch(request.path_info)
        return receive(request, delivery[1]) if delivery else self._get_response(request)
