"""The x-signature header. QR notifications cannot be validated by it, so its verdict is recorded, not obeyed (§4.4)."""

import hashlib
import hmac
from enum import StrEnum


class Verdict(StrEnum):
    """What the signature of a delivery says."""

    ABSENT = "absent"
    VALID = "valid"
    INVALID = "invalid"


def verify(*, header: str, request_id: str, data_id: str, secret: str) -> Verdict:
    """Check `ts=…,v1=…` over `id:…;request-id:…;ts:…;`; absent values are left out, `ts` is taken verbatim."""
    if not header:
        return Verdict.ABSENT
    parts = dict(part.strip().partition("=")[::2] for part in header.split(","))
    fields = (("id", data_id), ("request-id", request_id), ("ts", parts.get("ts", "")))
    manifest = "".join(f"{name}:{value};" for name, value in fields if value)
    expected = hmac.new(secret.encode(), manifest.encode(), hashlib.sha256).hexdigest()
    matches = bool(secret) and hmac.compare_digest(expected.encode(), parts.get("v1", "").encode())
    return Verdict.VALID if matches else Verdict.INVALID
