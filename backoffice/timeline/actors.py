"""Who did it, in words: people by their name, machines by what they are for."""

import re
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

_OURS: Final = {
    "check": gettext_noop("our own check"),
    "sweep": gettext_noop("our own check"),
    "reconcile": gettext_noop("our own check"),
    "audit": gettext_noop("the nightly comparison"),
    "expiry": gettext_noop("the clock"),
    "rules": gettext_noop("the rules"),
    "policy": gettext_noop("the store's policy"),
    "automatic": gettext_noop("the automatic printing"),
}
_NOTIFICATION, _REFUND = re.compile(r"notification \d+"), re.compile(r"refund \d+")
_KEY = re.compile(r"controller key (\w+)")


def who(actor: str) -> str:
    """Rows name machines in words of ours; a person's name and a key's stay as they are."""
    if _NOTIFICATION.fullmatch(actor):
        return _("a notification of Mercado Pago")
    if _REFUND.fullmatch(actor):
        return _("a refund")
    if key := _KEY.fullmatch(actor):
        return _("the controller (key %(key)s…)") % {"key": key[1]}
    return _(_OURS[actor]) if actor in _OURS else actor
