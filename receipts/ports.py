"""At which ports no printer is: a service of ours would take a receipt's lines, which strangers wrote, for commands."""

from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

_OF_PRINTERS: Final = {515, 631}  # LPD and IPP; all others below it are of services
_FIRST_FREE: Final = 1024
_SERVICES: Final = {5432, 6379, 9200, 11211}  # PostgreSQL, Redis and their like, where they usually are


def may_print_at(port: int) -> bool:
    """Whether a printer may be there: with a private network's addresses, which printers have, ports must do."""
    if port < _FIRST_FREE:
        return port in _OF_PRINTERS
    return port not in _SERVICES | _ours()


def _ours() -> set[int]:
    redis = urlsplit(settings.REDIS_URL).port if settings.REDIS_URL else None
    return {int(port) for port in (settings.DATABASES["default"].get("PORT"), redis, settings.EMAIL_PORT) if port}
