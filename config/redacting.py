"""Secrets are taken out of whatever leaves as a log line or as an error report."""

import re
from collections.abc import Iterable
from typing import Final

HIDDEN: Final = "…"
_SHOWN: Final = 4  # the last characters of a long secret, to tell one from another
_VALUE = r"([^\s\\\"',;&})\]]+)"
# What stands between a name and its value: in a header, a query, JSON, a dictionary's repr, however often quoted.
_IS = r"[\\\"']*\s*[:=]\s*[\\\"']*(?:(?:Bearer|Basic|Token|Api-Key)\s+)?"
# Patterns, each with words without one of which it need not be tried: most lines have none, and patterns are slow.
Rules = tuple[tuple[tuple[str, ...], "re.Pattern[str]"], ...]
_PATTERNS: Final[Rules] = (
    (
        ("authorization", "secret", "token", "api_key", "api-key", "apikey"),
        re.compile(rf"(?i)((?:authorization|secret\w*|token|api[_-]?key){_IS}){_VALUE}"),
    ),
    (("bearer", "basic", "api-key"), re.compile(r"(?i)(\b(?:Bearer|Basic|Api-Key)\s+)([\w.~+/=-]{8,})")),
    # Mercado Pago's tokens and codes, our webhooks' secrets.
    (
        ("app_usr-", "test-", "tg-", "whsec_"),
        re.compile(r"(\b(?:(?:APP_USR|TEST|TG)-|whsec_))([\w-]{8,})"),
    ),
    # Whoever has one of our long addresses has what is behind it: polls, deliveries, receipts.
    (("/mp/",), re.compile(r"(/mp/(?:orders|notifications)/)([\w-]+)")),
    (("/r/",), re.compile(r"(/r/\d+\.)([\w-]+)")),
    # The admin's address of a key is its prefix and its hash.
    (("key/",), re.compile(r"(/(?:controllerkey|printerkey)/\w+\.)([\w-]+)")),
)
_NEVER_SHOWN: Final[Rules] = (
    (
        ("cookie", "session", "csrf", "password"),
        re.compile(rf"(?i)((?:cookie|session_?id|csrf\w*|password){_IS}){_VALUE}"),
    ),
    (("://",), re.compile(r"(://[^\s:/@\\\"']*:)([^\s@/\\\"']+)(?=@)")),  # postgres://user:password@host
)


class Redactor:
    """Hides what looks like a secret, and the secrets that are given, wherever they stand."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known = sorted({secret for secret in secrets if len(secret) >= 8}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for secret in self._known:
            text = text.replace(secret, HIDDEN)
        lower = text.lower()
        for words, pattern in _NEVER_SHOWN:
            if any(word in lower for word in words):
                text = pattern.sub(rf"\1{HIDDEN}", text)
        for words, pattern in _PATTERNS:
            if any(word in lower for word in words):
                text = pattern.sub(_hint, text)
        return text


def _hint(found: "re.Match[str]") -> str:
    before, secret = found[1], found[2]
    if secret.startswith(HIDDEN):  # by another pattern
        return found[0]
    return f"{before}{HIDDEN}{secret[-_SHOWN:]}" if len(secret) >= 4 * _SHOWN else f"{before}{HIDDEN}"
