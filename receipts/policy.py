"""Which styles a drawn receipt may have: those in its own head, each by its hash, and no other."""

import hashlib
import re
from base64 import b64encode
from typing import Final

_STYLE: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def policy_of(page: str) -> str:
    """The Content-Security-Policy of this page. What a customer or a store wrote stands in its body, never its head."""
    head = page.partition("</head>")[0]
    styles = " ".join(f"'sha256-{_digest(style)}'" for style in _STYLE.findall(head)) or "'none'"
    return (
        f"default-src 'none'; style-src {styles}; script-src 'self'; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def _digest(style: str) -> str:
    return b64encode(hashlib.sha256(style.encode()).digest()).decode()
