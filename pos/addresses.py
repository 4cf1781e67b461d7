"""Which addresses a webhook may have: what a person types must not reach what only this machine should (SSRF)."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

_METADATA = {ip_address("fd00:ec2::254"), ip_address("100.100.100.200")}  # of clouds, and not link-local


class ForbiddenAddress(ValueError):
    """Nothing is sent there. Says why, and what would help."""


def check_url(url: str) -> None:
    """Raise ForbiddenAddress when nothing may be sent there. A name that cannot be resolved now is checked later."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.HOOKS_ALLOW_HTTP):
        raise ForbiddenAddress(_("The address must begin with https://."))
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return
    for *_family, address in found:
        check_address(str(address[0]))


def check_address(text: str) -> None:
    """Raise ForbiddenAddress for an IP address of the machine, of its network or of the cloud it runs in."""
    address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_link_local or address.is_multicast or address.is_unspecified or address in _METADATA:
        raise ForbiddenAddress(_("%(address)s is no receiver's address.") % {"address": address})
    if not (address.is_global or settings.HOOKS_ALLOW_HTTP):
        text = _("%(address)s belongs to a private network: those are allowed with HOOKS_ALLOW_HTTP=on.")
        raise ForbiddenAddress(text % {"address": address})
