"""Reading Mercado Pago's answers: JSON, or an error in our terms (protocol.md §7)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import requests

from gateway.errors import PermanentError, TemporaryError, from_answer

_NAMES: dict[type, str] = {dict: "object", list: "list"}
_LONGEST_PAUSE = 3600  # seconds; what a Retry-After may ask for


def understand(call: str, answer: requests.Response, said: type) -> Any:
    """What Mercado Pago said to `call`, a dict or a list, amounts as Decimal. Raises GatewayError for all else."""
    if 300 <= answer.status_code < 400:
        raise PermanentError(
            f"{call}: Mercado Pago redirects, is MERCADO_PAGO_API_URL right?", status=answer.status_code
        )
    try:
        data = answer.json(parse_float=Decimal)
    except ValueError:
        data = None
    if answer.ok and isinstance(data, said):
        return data
    if answer.ok:
        # A proxy's page or a body cut short: the same question may well be answered next time.
        raise TemporaryError(f"{call}: Mercado Pago's answer is no JSON {_NAMES[said]}", status=answer.status_code)
    details = data if isinstance(data, dict) else {}
    message = str(details.get("message") or details.get("error") or "no reason given")
    text = f"{call}: {answer.status_code} {message}"
    raise from_answer(answer.status_code, text, _code(details), retry_after=_retry_after(answer))


def _code(details: Mapping[str, Any]) -> str:
    """The documents' name of an error stands in one of several places (protocol.md §7)."""
    causes = details.get("cause") or details.get("causes") or ()
    first = causes[0] if isinstance(causes, list) and causes and isinstance(causes[0], dict) else {}
    places = [details.get("error"), details.get("errorKey"), first.get("code"), details.get("message")]
    named = [str(place) for place in places if place]
    return next(
        (name for name in named if name.isupper() and name.replace("_", "").isalpha()), named[0] if named else ""
    )


def _retry_after(answer: requests.Response) -> int:
    seconds = answer.headers.get("Retry-After", "")  # the other form, a date, is not known of Mercado Pago
    return min(int(seconds), _LONGEST_PAUSE) if seconds.isdecimal() else 0
