import hashlib
import hmac

from gateway.signatures import Verdict, verify

SECRET = "a secret of Your integrations"


def sign(manifest: str) -> str:
    return hmac.new(SECRET.encode(), manifest.encode(), hashlib.sha256).hexdigest()


def test_a_right_signature_is_valid() -> None:
    header = f"ts=1742505638683,v1={sign('id:123;request-id:r-1;ts:1742505638683;')}"
    assert verify(header=header, request_id="r-1", data_id="123", secret=SECRET) is Verdict.VALID


def test_absent_values_are_left_out_of_the_manifest() -> None:
    header = f"ts=1742505638,v1={sign('ts:1742505638;')}"
    assert verify(header=header, request_id="", data_id="", secret=SECRET) is Verdict.VALID


def test_another_id_makes_it_invalid() -> None:
    header = f"ts=1,v1={sign('id:123;request-id:r-1;ts:1;')}"
    assert verify(header=header, request_id="r-1", data_id="124", secret=SECRET) is Verdict.INVALID


def test_no_header_is_absent_and_no_secret_is_never_valid() -> None:
    assert verify(header="", request_id="r", data_id="1", secret=SECRET) is Verdict.ABSENT
    empty = hmac.new(b"", b"ts:1;", hashlib.sha256).hexdigest()
    assert verify(header=f"ts=1,v1={empty}", request_id="", data_id="", secret="") is Verdict.INVALID


def test_garbage_is_invalid_not_an_error() -> None:
    for header in ("x", "ts=,v1=", "v1=é", ",,,=,"):
        assert verify(header=header, request_id="r", data_id="1", secret=SECRET) is Verdict.INVALID
