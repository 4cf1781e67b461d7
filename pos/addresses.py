"""Which addresses a webhook may have: what a person types must not reach what only this machine should (SSRF)."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_METADATA = {ip_address("fd00:ec2::254"), ip_address("100.100.100.200")}  # of clouds, and not link-local

_PORTS = {"https": 443, "http": 80}
WHOLE = gettext_lazy("The address must begin with https:// (or http:// where HOOKS_ALLOW_HTTP is on).")


class ForbiddenAddress(ValueError):
    """Nothing is sent there. Says why, and what would help."""


def check_typed(url: str) -> None:
    """Raise ForbiddenAddress for what nobody means to type, and for all that `check_url` refuses."""
    parts = _parts(url)
    if "@" in parts.netloc:
        text = _("Leave user name and password out of the address: it is shown in lists. Check the signature instead.")
        raise ForbiddenAddress(text)
    if _is_ours(parts):
        raise ForbiddenAddress(_("This is the address of this installation. Give that of the controller."))
    check_url(url)


def check_url(url: str) -> None:
    """Raise ForbiddenAddress when nothing may be sent there. A name that cannot be resolved now is checked later."""
    parts = _parts(url)
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return
    for *_family, address in found:
        check_address(str(address[0]))


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError as error:  # brackets without an IPv6 address between them
        raise ForbiddenAddress(WHOLE) from error
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.HOOKS_ALLOW_HTTP):
        raise ForbiddenAddress(WHOLE)
    if _port(parts) == 0:
        raise ForbiddenAddress(_("The port must be a number from 1 to 65535."))
    return parts


def _port(parts: SplitResult) -> int:
    """0 when it is none."""
    try:
        return _PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError:
        return 0


def _is_ours(parts: SplitResult) -> bool:
    """Where private networks are allowed, a receiver may run on this very machine: at another port."""
    ours = urlsplit(settings.PUBLIC_URL)
    if (parts.hostname or "").rstrip(".") != ours.hostname:
        return False
    return not settings.HOOKS_ALLOW_HTTP or _port(parts) == _port(ours)


def check_address(text: str) -> None:
    """Raise ForbiddenAddress for an IP address of the machine, of its network or of the cloud it runs in."""
    address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_link_local or address.is_multicast or address.is_unspecified or address in _METADATA:
        raise ForbiddenAddress(_("%(address)s is no receiver's address.") % {"address": address})
    if not (address.is_global or settings.HOOKS_ALLOW_HTTP):
        text = _("%(address)s belongs to a private network: those are allowed with HOOKS_ALLOW_HTTP=on.")
        raise ForbiddenAddress(text % {"address": address})
