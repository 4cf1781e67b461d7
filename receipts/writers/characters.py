"""What stands for a letter that a font or a printer does not have."""

import unicodedata
from collections.abc import Callable

_PLAIN = {
    ord(char): plain
    for chars, plain in (
        ("–—‐‑‒−·", "-"), ("‘’′", "'"), ("“”″", '"'), ("‚", ","), ("„", '"'), ("…", "..."), ("•", "·"), ("™", "TM"),
        ("€", "EUR"), ("×", "x"), ("¡", "!"), ("¿", "?"), ("º°", "o"), ("ª", "a"), ("ß", "ss"), ("Ø", "O"), ("ø", "o"),
        ("Ł", "L"), ("ł", "l"), ("Đ", "D"), ("đ", "d"), ("ı", "i"), ("Æ", "AE"), ("æ", "ae"), ("Œ", "OE"), ("œ", "oe"),
    )
    for char in chars
}  # fmt: skip


def known_only(text: str, known: Callable[[str], bool]) -> str:
    """The text in letters that are known: the plain letter instead of an accented one, else `?`."""
    return "".join(char if known(char) else _instead(char, known) for char in unicodedata.normalize("NFC", text))


def _instead(char: str, known: Callable[[str], bool]) -> str:
    plain = char.translate(_PLAIN)
    for instead in (plain, plain.translate(_PLAIN), _bare(char)):
        if instead != char and instead and all(map(known, instead)):
            return instead
    return "" if unicodedata.combining(char) else "?"


def _bare(char: str) -> str:
    """Without its accents; a ligature as its letters."""
    parts = unicodedata.normalize("NFKD", char)
    return "".join(part for part in parts if not unicodedata.combining(part))
