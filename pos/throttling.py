"""A controller that has run wild does not keep the others waiting."""

from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from stores.rates import Rates

RATES = Rates()


class KeyThrottle(BaseThrottle):
    """Each key, of a controller or of a print agent, by itself. Nobody without one comes as far as here."""

    _wait = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.auth is not None:
            self._wait = RATES.wait(str(request.auth.pk), per_second=settings.API_CALLS_PER_SECOND)
        return not self._wait

    def wait(self) -> float:
        return self._wait
