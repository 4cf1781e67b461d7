"""Posters as PNG: our own PDF, rasterised for printers that take pictures only."""

import io
from threading import Lock
from typing import Final

import pypdfium2
from PIL.Image import Palette

from pos.posters import pdf
from pos.posters.page import Page

DPI: Final = 300
_one_at_a_time = Lock()  # PDFium is not safe for threads, and the web process has many


def write(page: Page) -> bytes:
    document = pdf.write([page])
    with _one_at_a_time, pypdfium2.PdfDocument(document) as opened:
        drawn = opened[0].render(scale=DPI / 72)
        picture = drawn.to_pil().convert("P", palette=Palette.ADAPTIVE, colors=64)
        drawn.close()
    out = io.BytesIO()
    picture.save(out, format="PNG", dpi=(DPI, DPI), optimize=True)
    return out.getvalue()
