"""Our own API, from the agent's side."""

import base64
from dataclasses import dataclass
from typing import Any

import requests

from receipts.states import Trouble

_CONNECT_WITHIN, _ANSWER_WITHIN = 5.0, 15.0  # seconds


class ServerAway(Exception):
    """No answer, or none that helps: ask again later."""


class KeyRefused(Exception):
    """The key is wrong, revoked or expired: only a person can help."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to print."""

    id: int
    attempt: int
    name: str
    must_answer: bool
    content: bytes


class Api:
    """Calls with the key of one printer."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Api-Key {key}"

    def next(self, *, wait: float) -> Job | None:
        """The next job; None when there is none for so many seconds."""
        answer = self._call("GET", "print-jobs/next", params={"wait": wait}, wait=wait)
        if answer.status_code == 204:
            return None
        try:
            body = answer.json()
            content = base64.b64decode(body["content"], validate=True)
            name = body["receipt"] or "test page"
            return Job(body["id"], body["attempt"], name, body["must_answer"], content)
        except (ValueError, KeyError, TypeError) as error:
            raise ServerAway(f"{self._url} gave an answer that is no print job: {error}") from error

    def tell(self, job_id: int, outcome: dict[str, Any]) -> bool:
        """Where a job stands. False when this attempt does not hold it any more: then it must not be printed."""
        return self._call("POST", f"print-jobs/{job_id}/outcome", json=outcome, ok=(204, 404, 409)).status_code == 204

    def tell_status(self, trouble: Trouble | None) -> None:
        """How the printer is."""
        self._call("PUT", "printers/status", json={"error": trouble})

    def _call(
        self, method: str, path: str, *, wait: float = 0, ok: tuple[int, ...] = (200, 204), **options: Any
    ) -> requests.Response:
        url, timeout = f"{self._url}/api/v1/{path}", (_CONNECT_WITHIN, _ANSWER_WITHIN + wait)
        try:
            answer = self._session.request(method, url, timeout=timeout, allow_redirects=False, **options)
        except requests.RequestException as error:
            raise ServerAway(str(error)) from error
        if answer.status_code in (401, 403):
            raise KeyRefused(f"{url} refuses the key: make a new one on the printer's page in the back-office.")
        if answer.status_code not in ok:
            raise ServerAway(f"{url} answered {answer.status_code}: {_detail(answer)}")
        return answer


def _detail(answer: requests.Response) -> str:
    if location := answer.headers.get("Location"):
        return f"it is moved to {location}; give that as --url"
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]
