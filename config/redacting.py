"""Secrets are taken out of whatever leaves as a log line or as an error report."""

import re
from collections.abc import Iterable
from typing import Final

HIDDEN: Final = "…"
_SCHEMES = r"(?:(?:Bearer|Basic|Token|Api-Key)\s+)?"
_PATTERNS: Final = (
    # What is called a secret, in a header, a query, JSON or the repr of a dictionary, however often it is quoted.
    re.compile(
        r"(?i)((?:authorization|cookie|session_?id|csrf\w*|\w*password|\w*secret\w*|\w*token|api[_-]?key)"
        r"[\\\"']*\s*[:=]\s*[\\\"']*" + _SCHEMES + r")[^\s\\\"',;&})\]]+"
    ),
    re.compile(r"(?i)(\b(?:Bearer|Basic|Api-Key)\s+)[\w.~+/=-]{8,}"),
    re.compile(r"(\b(?:APP_USR|TEST)-)[\w-]{8,}"),  # Mercado Pago's access and refresh tokens, its client secrets
    re.compile(r"(\w+://[^\s:/@\\\"']*:)[^\s@/\\\"']+(?=@)"),  # postgres://user:password@host
    # Whoever has one of our long addresses has what is behind it: polls, deliveries, receipts.
    re.compile(r"(/mp/(?:orders|notifications)/[\w-]{4})[\w-]{6,}"),
    re.compile(r"(/r/)[\w.-]{6,}"),
)


class Redactor:
    """Hides what looks like a secret, and the secrets that are given, wherever they stand."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({secret for secret in secrets if len(secret) >= 8}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, text: str) -> str:
        if self._known:
            text = self._known.sub(HIDDEN, text)
        for pattern in _PATTERNS:
            text = pattern.sub(rf"\1{HIDDEN}", text)
        return text
