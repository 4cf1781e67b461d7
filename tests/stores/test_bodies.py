"""What comes in chunks is read as what comes with a length: an empty refund would be a full one."""

import io
import json
from typing import Any

import pytest
from django.test import RequestFactory

from config.wsgi import application
from pos.models import ControllerKey
from stores.gate import gate

REFUND = b'{"amount": "1.00"}'


class Broken(io.BytesIO):
    def read(self, *_: Any) -> bytes:
        raise ValueError("chunks that are none")


def come(path: str, body: io.BytesIO, to: Any = application, **environ: Any) -> tuple[str, Any]:
    sent = RequestFactory().generic("POST", path, content_type="application/json").environ
    sent.pop("CONTENT_LENGTH", None)
    sent |= {"wsgi.input": body, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", **environ}
    statuses: list[str] = []
    said = b"".join(to(sent, lambda status, *_: statuses.append(status)))
    return statuses[0], json.loads(said)


@pytest.mark.django_db(transaction=True)  # the server opens and closes connections of its own
def test_an_amount_that_comes_in_chunks_is_judged(pos) -> None:
    """It said 0 bytes: what a controller sent was empty, which of a refund is all of it."""
    _row, key = ControllerKey.objects.create_key(name="Pumps", store=pos.store)
    path = f"/api/v1/pos/{pos.external_id}/status"
    head = {"HTTP_AUTHORIZATION": f"Api-Key {key}", "REQUEST_METHOD": "PUT"}
    status, said = come(path, io.BytesIO(b'{"status": "in_process", "amount_so_far": "12.50"}'), **head)
    assert (status, said["amount_so_far"]) == ("200 OK", "12.50")


@pytest.mark.parametrize(
    ("body", "environ", "refused"),
    [
        (Broken(), {}, "400 Bad Request"),
        (io.BytesIO(bytes(3_000_000)), {}, "413 Content Too Large"),
        (io.BytesIO(REFUND), {"wsgi.input_terminated": False}, "411 Length Required"),
    ],
)
def test_what_cannot_be_read_is_refused_before_anybody_judges_it(body, environ, refused) -> None:
    asked: list[Any] = []

    def application(*call: Any) -> list[bytes]:
        asked.append(call)
        return []

    status, said = come("/api/v1/orders/1/refunds", body, gate(application), **environ)
    assert (status, said["status"]) == (refused, int(refused[:3]))
    assert not asked
