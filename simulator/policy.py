"""The pages here run and show what they bring with them, and nothing else."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

_STYLE, _SCRIPT = re.compile(r"<style>(.*?)</style>", re.DOTALL), re.compile(r"<script>(.*?)</script>", re.DOTALL)


def policy_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Gives pages a Content-Security-Policy. Forms may lead elsewhere: a seller goes back to the application."""

    def view(request: HttpRequest) -> HttpResponse:
        answer = get_response(request)
        answer["X-Content-Type-Options"] = "nosniff"
        if answer["Content-Type"].startswith("text/html") and not answer.streaming:
            html = answer.content.decode()
            answer["Content-Security-Policy"] = (
                f"default-src 'none'; style-src {_hashes(_STYLE, html)}; script-src {_hashes(_SCRIPT, html)}; "
                "img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
            )
        return answer

    return view


def _hashes(pattern: re.Pattern[str], html: str) -> str:
    found = [b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in pattern.findall(html)]
    return " ".join(f"'sha256-{digest}'" for digest in found) or "'none'"
