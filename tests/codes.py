"""QR codes for tests, written apart from what reads them: the text (protocol.md §10), and a picture of it."""

import binascii
import io
from collections.abc import Callable

import segno


def payload(
    pos_id: int, *, name: str = "Pump 1", city: str = "Belgrano", in_bytes: bool = False, encoding: str = "utf-8"
) -> str:
    """The code of a point of sale in Argentina; lengths count characters, or bytes of UTF-8."""
    owner = tlv("00", "com.mercadolibre") + tlv("01", f"https://mpago.la/pos/{pos_id}")
    text = tlv("00", "01") + tlv("01", "11") + tlv("43", owner) + tlv("50", tlv("00", "30703088534"))
    text += tlv("52", "9700") + tlv("53", "032") + tlv("58", "AR")
    size: Callable[[str], int] = (lambda value: len(value.encode())) if in_bytes else len
    text += tlv("59", name, size) + tlv("60", city, size)
    return sealed(text, encoding)


def sealed(text: str, encoding: str = "utf-8") -> str:
    """With its checksum."""
    text += "6304"
    return f"{text}{binascii.crc_hqx(text.encode(encoding), 0xFFFF):04X}"


def tlv(tag: str, value: str, size: Callable[[str], int] = len) -> str:
    return f"{tag}{size(value):02}{value}"


def picture(text: str, kind: str = "png", *, scale: int = 4) -> bytes:
    out = io.BytesIO()
    segno.make(text, error="m", micro=False, encoding="utf-8").save(out, kind=kind, scale=scale)
    return out.getvalue()
