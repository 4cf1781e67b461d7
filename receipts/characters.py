"""The letters of receipts: what all writers can say, and what stands for a letter that a printer does not have.

A receipt is frozen in letters that a browser, the PDF's font and a receipt printer all have, so that it says the same
wherever it is read. Printers with an older code page say the rest of them plainly: `São` as `Sao`.
"""

import unicodedata
from collections.abc import Callable
from typing import Final

# Latin-1 and the euro: what the usual code page of receipt printers has (CP858), and all others have too.
ALPHABET: Final = frozenset(map(chr, (*range(0x20, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)))) | {"€"}
_UNSEEN: Final = ("Cc", "Cf", "Cs")  # control signs, marks of direction, joiners, halves of letters
_PLAIN: Final = {
    ord(char): plain
    for chars, plain in (
        ("–—―‐‑‒−·", "-"), ("‘’′ʼ", "'"), ("“”″", '"'), ("‚", ","), ("„", '"'), ("…", "..."), ("•", "·"), ("™", "TM"),
        ("‹", "<"), ("›", ">"), ("⁄", "/"), ("→", "->"), ("←", "<-"), ("≤", "<="), ("≥", ">="), ("≈", "~"),
        ("€", "EUR"), ("×", "x"), ("¡", "!"), ("¿", "?"), ("º°", "o"), ("ª", "a"), ("ß", "ss"), ("Ø", "O"), ("ø", "o"),
        ("Ł", "L"), ("ł", "l"), ("Đ", "D"), ("đ", "d"), ("ı", "i"), ("Æ", "AE"), ("æ", "ae"), ("Œ", "OE"), ("œ", "oe"),
    )
    for char in chars
}  # fmt: skip


def sayable(text: str) -> str:
    """On one line and in letters of the alphabet alone; what has no likeness among them is a `?`."""
    seen = "".join(" " if char.isspace() else char for char in text if char.isspace() or not _is_unseen(char))
    return " ".join(known_only(seen, ALPHABET.__contains__).split())


def known_only(text: str, known: Callable[[str], bool]) -> str:
    """The text in letters that are known: the plain letter instead of an accented one, else `?`."""
    return "".join(char if known(char) else _instead(char, known) for char in unicodedata.normalize("NFC", text))


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) in _UNSEEN


def _instead(char: str, known: Callable[[str], bool]) -> str:
    plain, bare = char.translate(_PLAIN), _bare(char)
    for instead in (plain, plain.translate(_PLAIN), bare, bare.translate(_PLAIN), _digit(char)):
        if instead != char and instead and all(map(known, instead)):
            return instead
    return "" if unicodedata.category(char)[0] == "M" else "?"  # accents, and what chooses the look of an emoji


def _bare(char: str) -> str:
    """Without its accents; a ligature as its letters."""
    parts = unicodedata.normalize("NFKD", char)
    return "".join(part for part in parts if not unicodedata.combining(part))


def _digit(char: str) -> str:
    """Of any script: a quantity stays a quantity."""
    return str(unicodedata.decimal(char, ""))
