"""What deliveries say in codes, in words for people. A word that is not known stands as it is."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from gateway.signatures import Verdict

_TOPICS: Final = {
    "merchant_order": _("merchant order"),
    "topic_merchant_order_wh": _("merchant order"),
    "payment": _("payment"),
}
_VERDICTS: Final = {
    Verdict.ABSENT.value: _("not signed"),
    Verdict.VALID.value: _("valid"),
    Verdict.INVALID.value: _("does not match"),
}
TOPICS: Final = tuple(_TOPICS)
VERDICTS: Final = tuple(_VERDICTS)


def topic(word: str) -> StrOrPromise:
    """What a delivery is about."""
    return _TOPICS.get(word, word)


def verdict(word: str) -> StrOrPromise:
    """What its signature says."""
    return _VERDICTS.get(word, word)
