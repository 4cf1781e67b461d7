"""Finding QR codes in pictures: Mercado Pago's, and photos that people take."""

import io
import warnings
from typing import Final

import zxingcpp
from PIL import Image, UnidentifiedImageError
from PIL.Image import DecompressionBombError, DecompressionBombWarning

LARGEST: Final = 60_000_000  # pixels; a phone's photo has 12 to 50 million
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_KINDS: Final = zxingcpp.barcode_formats_from_str("QRCode")
_SIDES: Final = (3000, 1500, 700)  # pixels; a noisy photo is often read better when it is smaller


class UnreadablePicture(ValueError):
    """No picture of a known kind, broken, or a threat. Never its content's fault that no code is found."""


def read_codes(content: bytes) -> list[str]:
    """The different texts of all QR codes in the picture, none when there is none.

    It is read in every size: of two codes one size may show only one.
    """
    picture, texts = _open(content), dict[str, None]()
    for side in _SIDES:
        picture.thumbnail((side, side))
        found = zxingcpp.read_barcodes(picture, formats=_KINDS, text_mode=zxingcpp.TextMode.Plain)
        texts |= dict.fromkeys(code.text for code in found)
    return list(texts)


def _open(content: bytes) -> Image.Image:
    """In shades of grey; nothing is decoded before its size is known."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=_FORMATS)
            if picture.width * picture.height > LARGEST:
                raise UnreadablePicture
            picture.draft("L", (_SIDES[0], _SIDES[0]))
            return _on_white(picture)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise UnreadablePicture from error
    except (DecompressionBombError, DecompressionBombWarning, MemoryError) as error:
        raise UnreadablePicture from error


def _on_white(picture: Image.Image) -> Image.Image:
    """A transparent background is paper, not ink."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("L")
    return picture.convert("L")
