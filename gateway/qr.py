"""What the QR code of a point of sale says: EMVCo merchant-presented text (protocol.md §10)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_START: Final = "000201"  # tag 00, payload format 01: the first of every code
_CHECKSUM: Final = re.compile(r"6304([0-9A-Fa-f]{4})\Z")
_POS: Final = re.compile(r"(?:https?://)?(?:www\.)?mpago\.la/pos/([1-9][0-9]{0,18})/?\Z")
_OWNERS: Final = ("com.mercadolibre", "com.mercadopago")
_ACCOUNTS: Final = range(26, 52)  # the tags of merchant accounts that are templates
LONGEST: Final = 512  # characters, by EMVCo

Tags = Mapping[str, str]


class BadCode(ValueError):
    """A text that is no code of a point of sale. Says why."""


class NotEmv(BadCode):
    """Something else: a link, a text, another kind of code."""


class CutShort(BadCode):
    """Its lengths do not add up, or its end is missing."""


class WrongChecksum(BadCode):
    """Damaged or changed: its checksum is another."""


class NotMercadoPago(BadCode):
    """A payment code, but of somebody else's."""


class NamesNoPos(BadCode):
    """A code of Mercado Pago's that names no point of sale."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code that is whole and undamaged. `encoding` is that of its checksum: what is printed has these bytes."""

    text: str
    tags: Tags
    encoding: str = "utf-8"

    @property
    def pos_id(self) -> int:
        """Mercado Pago's number of the point of sale; NotMercadoPago or NamesNoPos when it says none."""
        accounts = list(self._accounts())
        for account in accounts:
            for value in account.values():
                if match := _POS.match(value):
                    return int(match[1])
        if any(account.get("00", "").lower() in _OWNERS for account in accounts):
            raise NamesNoPos("The code is Mercado Pago's but names no point of sale.")
        raise NotMercadoPago("The code is a payment code, but not one of Mercado Pago's.")

    @property
    def country(self) -> str:
        """ISO 3166: AR."""
        return self.tags.get("58", "")

    @property
    def currency(self) -> str:
        """ISO 4217, its number: 032."""
        return self.tags.get("53", "")

    @property
    def merchant(self) -> str:
        return self.tags.get("59", "")

    @property
    def city(self) -> str:
        return self.tags.get("60", "")

    @property
    def is_static(self) -> bool:
        """One for all payments, as on a sticker; not one for a single payment."""
        return self.tags.get("01") != "12"

    def _accounts(self) -> Iterator[Tags]:
        for tag, value in self.tags.items():
            if int(tag) in _ACCOUNTS and (inner := _split(value)):
                yield inner


def parse(text: str) -> Code:
    """Read a code; BadCode says what is wrong with it. The checksum may be written in small letters."""
    if not text.startswith(_START) or len(text) > LONGEST:
        raise NotEmv("This is not the code of a point of sale: it is no payment code at all.")
    match = _CHECKSUM.search(text)
    tags = _split(text, last="63")
    if match is None or tags is None:
        raise CutShort("The code is cut short: a part of its text is missing.")
    for encoding in ("utf-8", "latin-1"):
        if _checksum(text[:-4], encoding) == int(match[1], 16):
            return Code(text, tags, encoding)
    raise WrongChecksum("The code is damaged: its checksum does not fit what it says.")


def checksum(data: bytes) -> int:
    """CRC-16/CCITT-FALSE."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def _checksum(text: str, encoding: str) -> int | None:
    try:
        return checksum(text.encode(encoding))
    except UnicodeEncodeError:
        return None


def _split(text: str, last: str = "") -> Tags | None:
    """By tag, in their order. EMVCo counts characters; who counts bytes of UTF-8 is understood too.

    Lengths in bytes may by chance fit as characters as well, with other tags at the end: `last` names the one
    that must be there.
    """
    for walk in (_walk, _walk_bytes):
        if (tags := walk(text)) and (not last or list(tags)[-1] == last):
            return tags
    return None


def _walk_bytes(text: str) -> Tags | None:
    """As latin-1 every byte is one character, so that the same walk counts bytes."""
    try:
        tags = _walk(text.encode().decode("latin-1"))
        return tags and {tag: value.encode("latin-1").decode() for tag, value in tags.items()}
    except UnicodeError:
        return None


def _walk(text: str) -> Tags | None:
    tags: dict[str, str] = {}
    at = 0
    while at < len(text):
        tag, length = text[at : at + 2], text[at + 2 : at + 4]
        if not _is_number(tag) or not _is_number(length) or tag in tags:
            return None
        value = text[at + 4 : at + 4 + int(length)]
        if len(value) < int(length):
            return None
        tags[tag] = value
        at += 4 + int(length)
    return tags


def _is_number(digits: str) -> bool:
    return len(digits) == 2 and digits.isascii() and digits.isdigit()
