"""QR codes, once for all writers that must draw them themselves."""

from functools import lru_cache
from typing import Any

import segno


@lru_cache(maxsize=32)
def qr(data: str) -> Any:
    """Medium error correction: paper gets crumpled."""
    return segno.make_qr(data, error="m", boost_error=False)
