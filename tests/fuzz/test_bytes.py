"""Whatever bytes a stranger sends: no fault of ours, no page for machines, no stack trace, nothing secret in the log.

FUZZ_EXAMPLES plays as many with new dice: `make fuzz`.
"""

import io
import os
import re
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from config.wsgi import application
from orders.models import Order
from pos.models import PointOfSale
from receipts.models import Receipt
from tests.fuzz.deployed import Deployed, deployed
from tests.schema import world

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "150"))
BYTES = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize="FUZZ_EXAMPLES" not in os.environ,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
MACHINES = (b"/mp/", b"/api/v1", b"/healthz", b"/readyz")
_PAGE = re.compile(rb"<\s*(?:!doctype|html)", re.IGNORECASE)
_EVENT = re.compile(r'\{".*\}|\[[-\d :+]+\] \[\d+\] \[[A-Z]+\] |\S+ [A-Z]+ [\w.]+: ')  # how each line of the log begins


class Known:
    """What a lucky stranger might have: the fuzz reaches what is behind the tokens, too."""

    def __init__(self) -> None:
        self.key, orders = world.build()
        self.order = orders[0]
        pos = PointOfSale.objects.select_related("account").order_by("pk")[0]
        self.poll, self.delivery = pos.poll_token, pos.account.notification_token
        self.receipt = Receipt.objects.order_by("pk")[0].public_url.rpartition("/")[2]

    def paths(self) -> list[str]:
        return [
            f"/mp/orders/{self.poll}", f"/mp/notifications/{self.delivery}", f"/r/{self.receipt}",
            f"/r/{self.receipt}/qr.png", "/api/v1/pos/POS0001", "/api/v1/pos/POS0001/orders",
            "/api/v1/pos/POS0001/status", "/api/v1/pos/POS0001/display", f"/api/v1/orders/{self.order}",
            f"/api/v1/orders/{self.order}/cancel", f"/api/v1/orders/{self.order}/refunds",
            f"/api/v1/orders/{self.order}/receipt", "/api/v1/print-jobs/next", "/api/v1/printers/status", "/healthz",
        ]  # fmt: skip

    def secrets(self) -> list[str]:
        return [self.key, self.poll, self.delivery, self.receipt]


WORDS = st.sampled_from([
    b"", b"%00", b"%", b"%zz", b"..", b"//", b"/", b"?", b"#", b"?wait=nan", b"?wait=1e999", b"?format=%ff", b"?a[]=1",
    b"\xff\xfe", b"%e2%80%ae", b"%0d%0aX: y", b";", b"'\"<script>", b"{{7*7}}", b"\xf0\x9f\x98\x80", b"9" * 400,
])  # fmt: skip
METHODS = st.sampled_from(
    [b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"DELETE", b"PATCH", b"TRACE", b"get", b"G\x00T"]
)
BODIES = st.one_of(
    st.binary(max_size=300),
    st.sampled_from([
        b"{}", b"[]", b"null", b'{"items":[]}', b'{"status":"idle"}', b"[" * 5000, b'{"a":1e400}',
            b'{"\xed\xa0\x80":1}',
        b'{"items":[{"title":"\\u0000","quantity":"1","unit_price":"1"}]}', b'{"amount":NaN}', b"\x00" * 100,
        b'--x\r\nContent-Disposition: form-data; name="a"; filename="../../b"\r\n\r\n1\r\n--x--',
    ]),
)  # fmt: skip
TYPES = st.sampled_from([
    b"application/json", b"multipart/form-data; boundary=x", b"multipart/form-data", b"text/html; charset=\xff",
    b"application/x-www-form-urlencoded; charset=utf-7", b"", b";" * 50, b"application/json; charset=nonsense",
])  # fmt: skip
HEADERS = st.lists(
    st.tuples(
        st.sampled_from([
            b"Accept", b"Accept-Language", b"Cookie", b"X-Signature", b"X-Request-Id", b"X-Forwarded-For", b"Range",
            b"X-Forwarded-Proto", b"Idempotency-Key", b"Expect", b"If-Modified-Since", b"Referer", b"Authorization",
            b"Content-Encoding", b"Upgrade", b"Host", b"Bad Name", b"\xff",
        ]),
        st.one_of(
            st.binary(max_size=40).map(lambda value: value.replace(b"\r", b"").replace(b"\n", b"")),
            st.sampled_from([b"ts=1,v1=00", b"sessionid=x; csrftoken=\x01", b"bytes=0-", b"x" * 9000, b"h2c",
                b"*/*;q=z"]),
        ),
    ),
    max_size=4,
)  # fmt: skip
LENGTHS = st.sampled_from(
    [b"right", b"right", b"right", b"0", b"-1", b"1e9", b"99999999999999999999", b"chunked", b"both", b"none"]
)


def request(
    method: bytes, path: bytes, headers: list[tuple[bytes, bytes]], body: bytes, length: bytes, kind: bytes
) -> bytes:
    """As bytes of a line; `length` is what it says of its body, which may be a lie."""
    head = [method + b" " + path + b" HTTP/1.1", b"Host: localhost", b"Connection: close", b"Content-Type: " + kind]
    head += [name + b": " + value for name, value in headers]
    if length in (b"chunked", b"both"):
        head.append(b"Transfer-Encoding: chunked")
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    if length not in (b"chunked", b"none"):
        head.append(b"Content-Length: " + (str(len(body)).encode() if length in (b"right", b"both") else length))
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def judge(path: bytes, answer: bytes) -> None:
    """Quiet or an answer; a fault is neither, and a page is for people."""
    if not answer:
        return
    assert answer.startswith(b"HTTP/1.1 "), answer[:200]
    status = int(answer[9:12])
    assert status < 500 or status in (501, 503, 505), answer[:2000]
    assert b"Traceback" not in answer
    if not path.startswith(b"/") or path.startswith(MACHINES):
        assert not _PAGE.search(answer), answer[:500]


@pytest.fixture
def known(transactional_db: None) -> Known:
    return Known()


@pytest.fixture
def web(known: Known, tmp_path: Any) -> Iterator[Deployed]:
    with deployed(tmp_path) as web:
        yield web
    log = web.log.read_text()
    assert "Traceback" not in log, log
    assert not [line for line in log.splitlines() if not _EVENT.match(line)], log
    assert not [secret for secret in known.secrets() if secret in log]


def test_whatever_comes_over_the_line_is_answered_or_refused(known: Known, web: Deployed) -> None:
    paths = st.tuples(
        st.sampled_from([*map(str.encode, known.paths()), b"/", b"*", b"http://localhost/mp/orders/x"]), WORDS
    )
    keys = st.sampled_from([[], [(b"Authorization", f"Api-Key {known.key}".encode())]])

    @BYTES
    @given(METHODS, paths.map(b"".join), HEADERS, keys, BODIES, LENGTHS, TYPES)
    def play(method, path, headers, key, body, length, kind) -> None:
        judge(path, web.send(request(method, path, headers + key, body, length, kind)))

    play()
    assert web.get("/healthz").startswith(b"HTTP/1.1 200")


def test_bytes_that_are_no_request_get_no_page(web: Deployed) -> None:
    @BYTES
    @given(st.binary(min_size=1, max_size=400))
    @example(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")  # TLS
    @example(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    @example(b"GET / HTTP/9.9\r\n\r\n")
    @example(b"GET " + b"/" * 9000 + b" HTTP/1.1\r\n\r\n")
    @example(b"GET /<script> HTTP/1.1\r\nA\r\n\r\n")
    @example(b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 500 + b"\r\n")
    def play(data: bytes) -> None:
        judge(b"", web.send(data))

    play()
    assert web.get("/healthz").startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("chunks", [b"ZZ\r\n\r\n", b"-1\r\nabc\r\n0\r\n\r\n", b"5\r\nabcdefgh\r\n0\r\n\r\n"])
def test_chunks_that_are_none_are_refused_and_nothing_follows_them(known: Known, web: Deployed, chunks: bytes) -> None:
    hidden = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for path in [*known.paths(), "/mp/notifications/nobodys", "/admin/"]:
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        answer = web.send(head + chunks + hidden)
        assert answer.startswith(b"HTTP/1.1 400"), answer[:300]
        assert answer.count(b"HTTP/1.1 ") == 1, answer


def test_who_sends_slowly_does_not_keep_the_others_waiting(known: Known, tmp_path: Any) -> None:
    """More of them than there are threads, with half a head or half a body."""
    halves = [b"GET /healthz HTTP/1.1\r\nHost: local"] * 40
    halves += [
        f"POST /mp/notifications/{known.delivery} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{{".encode()
    ] * 40
    with deployed(tmp_path, read_within=1.0) as web:
        lines = [socket.create_connection(("127.0.0.1", web.port), 10) for _half in halves]
        for line, half in zip(lines, halves, strict=True):
            line.sendall(half)
        assert web.get("/healthz").startswith(b"HTTP/1.1 200")
        for line in lines:
            line.close()
        assert "Traceback" not in web.log.read_text()


def test_whatever_a_server_hands_to_django_is_answered(known: Known) -> None:
    """Also what gunicorn would have refused: another server might not."""
    paths = st.tuples(
        st.sampled_from([path.encode() for path in known.paths()]), st.one_of(WORDS, st.binary(max_size=20))
    )
    said: list[Any] = []

    @BYTES
    @given(METHODS, paths.map(b"".join), HEADERS, st.booleans(), BODIES, LENGTHS, TYPES, st.binary(max_size=30))
    def play(method, path, headers, has_key, body, length, kind, query) -> None:
        environ: dict[str, Any] = {f"HTTP_{name.decode('latin1').upper().replace('-', '_')}": value.decode("latin1")
                                   for name, value in headers}  # fmt: skip
        environ |= {
            "REQUEST_METHOD": method.decode("latin1"), "SCRIPT_NAME": "", "PATH_INFO": path.decode("latin1"),
            "QUERY_STRING": quote_from_bytes(query) if len(query) % 2 else query.decode("latin1"),
            "CONTENT_TYPE": kind.decode("latin1"), "SERVER_NAME": "localhost", "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http", "wsgi.errors": io.StringIO(), "HTTP_HOST": "localhost",
        }  # fmt: skip
        if length != b"none":
            environ["CONTENT_LENGTH"] = str(len(body)) if length == b"right" else length.decode()
        if has_key:
            environ["HTTP_AUTHORIZATION"] = f"Api-Key {known.key}"
        said.clear()
        answer = application(environ, lambda status, heads, *_: said.append((status, heads)))  # type: ignore[arg-type]
        whole = b"".join(answer)
        if close := getattr(answer, "close", None):
            close()
        judge(path, f"HTTP/1.1 {said[0][0]}\r\n".encode() + whole)

    play()
    assert Order.objects.exists()
    assert not django_settings.DEBUG
