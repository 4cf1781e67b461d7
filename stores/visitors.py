"""Where a request comes from, as far as it can be known."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The visitor's IP address, as the outermost proxy of ours saw it; what anybody can invent is not believed."""
    proxies: int = settings.TRUSTED_PROXIES
    hops: list[str] = request.headers.get("X-Forwarded-For", "").split(",")
    if 0 < proxies <= len(hops) and _is_address(hop := hops[-proxies].strip()):
        return hop
    return str(request.META.get("REMOTE_ADDR", ""))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
