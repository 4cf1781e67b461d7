"""Why something is not on paper, for whoever stands beside the printer."""

import errno
import re
import socket

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from receipts.states import Trouble

_NO_WAY = _("there is no way to the printer: is it on, and in this network?")
_NO_NAME = _("no printer is found by this name: is it spelled right? An IP address works without names.")
_NO_DEVICE = _("the station's computer does not find the printer: is it on and plugged in?")
_ENDED = _("the printer ended the connection at once: is something else printing on it?")
_NO_ANSWER = _("the printer does not answer: is it on, is its address right?")
_BY_NUMBER: dict[int, StrOrPromise] = {
    errno.ECONNREFUSED: _("the printer refuses the connection: is it on, is its address right?"),
    errno.ETIMEDOUT: _NO_ANSWER,
    errno.EHOSTUNREACH: _NO_WAY,
    errno.ENETUNREACH: _NO_WAY,
    errno.EHOSTDOWN: _NO_WAY,
    errno.ECONNRESET: _ENDED,
    errno.EPIPE: _ENDED,
    errno.ENOENT: _NO_DEVICE,
    errno.ENXIO: _NO_DEVICE,
    errno.ENODEV: _NO_DEVICE,
    errno.EIO: _NO_DEVICE,
    errno.EBUSY: _("another program at the station uses the printer: stop it."),
    errno.EACCES: _("the agent may not use the printer: add its user to the group lp."),
    socket.EAI_NONAME: _NO_NAME,
    socket.EAI_NODATA: _NO_NAME,
    socket.EAI_AGAIN: _NO_NAME,
}
_BY_WORDS: dict[str, StrOrPromise] = {"timed out": _NO_ANSWER, "the printer closed the connection": _ENDED}


def explain(trouble: str, detail: str) -> str:
    """One sentence, with the remedy where there is one. `detail` is what the system said, in its own words."""
    if trouble == Trouble.UNREACHABLE:
        number = re.search(r"\[Errno (-?\d+)\]", detail)
        known = _BY_NUMBER.get(int(number[1])) if number else _BY_WORDS.get(detail)
        return str(known or Trouble.UNREACHABLE.label)
    return str(Trouble(trouble).label) if trouble else ""
