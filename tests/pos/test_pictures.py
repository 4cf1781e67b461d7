"""Codes in pictures, and pictures that are none."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageChops

from pos.pictures import UnreadablePicture, read_codes
from tests.codes import payload, picture

TEXT = payload(2711382)


def test_the_code_is_read() -> None:
    assert read_codes(picture(TEXT)) == [TEXT]


@pytest.mark.parametrize("angle", [90, 180, 7])
def test_the_code_is_read_however_the_phone_is_held(angle: int) -> None:
    photo = Image.open(io.BytesIO(picture(TEXT, scale=8))).convert("RGB")
    out = io.BytesIO()
    photo.rotate(angle, expand=True, fillcolor="white").resize((2400, 2400)).save(out, "JPEG", quality=60)
    assert read_codes(out.getvalue()) == [TEXT]


def test_both_codes_of_one_picture_are_read() -> None:
    sheet = Image.new("L", (1200, 600), "white")
    for n in (1, 2):
        sheet.paste(Image.open(io.BytesIO(picture(payload(n)))), (n * 500 - 450, 50))
    out = io.BytesIO()
    sheet.save(out, "PNG")
    assert sorted(read_codes(out.getvalue())) == [payload(1), payload(2)]


def _coarse(code: Image.Image, dot: int) -> Image.Image:
    """As printed in dots: what is dark is a chequerboard, and a code only from far away."""
    tile = Image.new("L", (dot * 2, dot * 2), "white")
    tile.paste(0, (0, 0, dot, dot))
    tile.paste(0, (dot, dot, dot * 2, dot * 2))
    dots = Image.new("L", code.size)
    for x in range(0, code.width, dot * 2):
        for y in range(0, code.height, dot * 2):
            dots.paste(tile, (x, y))
    return ImageChops.lighter(code, dots)


def test_of_two_codes_both_are_read_when_each_shows_in_another_size_only() -> None:
    sheet = Image.new("L", (3000, 3000), "white")
    large = Image.open(io.BytesIO(picture(payload(1), scale=40))).convert("L").resize((2000, 2000))
    sheet.paste(_coarse(large, 10), (50, 50))
    sheet.paste(Image.open(io.BytesIO(picture(payload(2), scale=2))), (2500, 2500))
    out = io.BytesIO()
    sheet.save(out, "PNG")
    assert sorted(read_codes(out.getvalue())) == [payload(1), payload(2)]


def test_a_transparent_background_is_paper() -> None:
    code = Image.open(io.BytesIO(picture(TEXT))).convert("L")
    clear = Image.new("RGBA", code.size)
    clear.putalpha(code.point(lambda shade: 255 - shade))
    out = io.BytesIO()
    clear.save(out, "PNG")
    assert read_codes(out.getvalue()) == [TEXT]


def test_a_picture_without_a_code_has_none() -> None:
    out = io.BytesIO()
    Image.new("RGB", (300, 300), "green").save(out, "JPEG")
    assert read_codes(out.getvalue()) == []


def _bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"0" * 100)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no picture",
        b"%PDF-1.7",
        picture(TEXT)[:200],
        picture(TEXT)[:40],
        b"\xff\xd8\xff\xe0",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        _bomb(9_000, 9_000),
        _bomb(60_000, 60_000),
        _bomb(2**31 - 1, 2**31 - 1),
        _bomb(0, 0),
    ],
)
def test_what_is_no_picture_is_refused_before_it_harms(content: bytes) -> None:
    with pytest.raises(UnreadablePicture):
        read_codes(content)
