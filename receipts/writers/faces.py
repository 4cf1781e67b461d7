"""The PDF's fonts: read once per process, cut to a document's own letters by copying outlines.

fpdf2 reads a font for each document and has fonttools subset it: 50 ms. Here a document's font costs less than one.
"""

import copy
import struct
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.fonts import TTFFont
from fpdf.output import CIDSystemInfo, OutputProducer, PDFFont, PDFFontStream
from fpdf.syntax import Name, PDFArray, PDFContentStream, PDFObject

_FOLDER = Path(__file__).parent.parent / "fonts"
_FILES = {"": "DejaVuSansCondensed.ttf", "B": "DejaVuSansCondensed-Bold.ttf"}
FAMILY = "receipt"


class Face(TTFFont):
    """A font whose codes are its own glyph numbers, and which remembers the letters that were written."""

    tables: dict[str, bytes]
    outlines: list[bytes]
    parts: dict[int, set[int]]  # what accented letters are put together from
    used: dict[int, str]

    @classmethod
    def read(cls, style: str) -> "Face":
        face = cls(FPDF(), _FOLDER / _FILES[style], f"{FAMILY}{style}", style)
        font: Any = face.ttfont
        face.tables = {tag: font.reader[tag] for tag in ("head", "hhea", "hmtx", "maxp")}
        ends = font["loca"]
        glyf = font.reader["glyf"]
        face.outlines = [glyf[ends[n] : ends[n + 1]] for n in range(len(ends) - 1)]
        names = {number: font["glyf"][name] for number, name in enumerate(font.getGlyphOrder())}
        face.parts = {
            number: {font.getGlyphID(part) for part in glyph.getComponentNames(font["glyf"])}
            for number, glyph in names.items()
            if glyph.isComposite()
        }
        return face

    def fresh(self, number: int) -> "Face":
        """The same font for another document, its first or second; what does not change is shared."""
        face = copy.copy(self)
        face.i, face.desc, face.used = number, copy.copy(self.desc), {}
        return face

    def encode_text(self, text: str) -> str:
        glyphs = [(self.glyph_ids.get(ord(char), 0), char) for char in text]
        self.used.update(glyphs)
        return f"<{''.join(f'{number:04X}' for number, _char in glyphs)}> Tj"

    def cut(self) -> bytes:
        """The font file with the outlines of the used letters only; glyph numbers stay."""
        needed = {0, *self.used}
        while more := set().union(*(self.parts.get(number, ()) for number in needed)) - needed:
            needed |= more
        kept = [outline if number in needed else b"" for number, outline in enumerate(self.outlines)]
        ends, end = [0], 0
        for outline in kept:
            end += len(outline)
            ends.append(end)
        head = self.tables["head"]
        loca = struct.pack(f">{len(ends)}L", *ends)
        long_offsets = head[:8] + bytes(4) + head[12:50] + struct.pack(">H", 1) + head[52:]
        return _font_file({**self.tables, "head": long_offsets, "loca": loca, "glyf": b"".join(kept)})


def faces() -> "list[Face]":
    """Both styles, for one document."""
    return [_read(style).fresh(number) for number, style in enumerate(_FILES, start=1)]


@cache
def _read(style: str) -> Face:
    return Face.read(style)


class FaceProducer(OutputProducer):
    """Embeds `Face`s: `FPDF.output(output_producer_class=FaceProducer)`."""

    def _add_fonts(self, *_: Any) -> Any:
        return {font.i: self._add_face(font) for font in self.fpdf.fonts.values() if isinstance(font, Face)}

    def _add_face(self, face: Face) -> PDFObject:
        name = f"AAAAAA+{face.name}"
        font = PDFFont(subtype="Type0", base_font=name, encoding="Identity-H")
        widths = "".join(f"{number} [{face.cw[ord(char)]:.0f}] " for number, char in sorted(face.used.items()))
        letters = PDFFont(subtype="CIDFontType2", base_font=name, d_w=face.desc.missing_width, w=f"[{widths}]")
        face.desc.font_name = Name(name)
        face.desc.font_file2 = PDFFontStream(face.cut())  # type: ignore[attr-defined]  # as fpdf2 does
        letters.font_descriptor, letters.c_i_d_system_info = face.desc, CIDSystemInfo()
        letters.c_i_d_system_info.ordering = "(Identity)"  # type: ignore[assignment]
        letters.c_i_d_to_g_i_d_map = Name("Identity")  # type: ignore[assignment]
        font.to_unicode = PDFContentStream(_to_unicode(face.used.items()))
        font.descendant_fonts = PDFArray([letters])
        for part in (
            font, letters, letters.c_i_d_system_info, face.desc, face.desc.font_file2, font.to_unicode  # type: ignore[attr-defined]
        ):  # fmt: skip
            self._add_pdf_obj(part, "fonts")
        return font


def _to_unicode(used: Iterable[tuple[int, str]]) -> bytes:
    """What lets a reader search and copy the text."""
    lines = [f"<{number:04X}> <{char.encode('utf-16-be').hex()}>\n" for number, char in sorted(used)]
    blocks = "".join(
        f"{len(block)} beginbfchar\n{''.join(block)}endbfchar\n"
        for block in (lines[n : n + 100] for n in range(0, len(lines), 100))
    )
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{blocks}endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    ).encode()


def _font_file(tables: dict[str, bytes]) -> bytes:
    """A TrueType file (OpenType specification, "Organization of an OpenType font")."""
    power = len(tables).bit_length() - 1
    directory = struct.pack(">LHHHH", 0x00010000, len(tables), 16 << power, power, (len(tables) - (1 << power)) * 16)
    offset, bodies = len(directory) + 16 * len(tables), b""
    for tag, body in sorted(tables.items()):
        padded = body + bytes(-len(body) % 4)
        directory += struct.pack(">4sLLL", tag.encode(), _checksum(padded), offset + len(bodies), len(body))
        bodies += padded
    file = bytearray(directory + bodies)
    at = offset + sum(len(body) + -len(body) % 4 for tag, body in tables.items() if tag < "head") + 8
    file[at : at + 4] = struct.pack(">L", (0xB1B0AFBA - _checksum(bytes(file))) & 0xFFFFFFFF)
    return bytes(file)


def _checksum(padded: bytes) -> int:
    total: int = sum(struct.unpack(f">{len(padded) // 4}L", padded))
    return total & 0xFFFFFFFF
