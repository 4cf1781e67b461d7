"""A small receipt printer: reads ESC/POS as a printer would, knows nothing of how it was written, and draws it.

python -m tests.receipts.escpos_screen receipt.bin receipt.png --columns 42
"""

import argparse
from dataclasses import dataclass, field
from pathlib import Path

import segno
from PIL import Image, ImageDraw, ImageFont

# By Epson's numbers (ESC t). Python's own tables, so that a mistake of python-escpos would show.
CODE_PAGES = {0: "cp437", 2: "cp850", 3: "cp860", 16: "cp1252", 19: "cp858", 40: "iso8859-15"}
_LETTER = (12, 24)  # dots
_MONO = Path("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf")


@dataclass
class Line:
    """Words as they stand on the paper."""

    text: str
    bold: bool = False
    tall: bool = False
    align: int = 0


@dataclass
class Code:
    """A QR code that the printer draws by itself."""

    data: str
    size: int
    align: int


@dataclass
class Picture:
    """Dots, black where a bit is set."""

    image: Image.Image
    align: int


@dataclass
class Printer:
    """Fed with bytes, it fills `paper`. A command that it does not know, and the cash drawer's, are errors."""

    paper: list[Line | Code | Picture] = field(default_factory=list)
    cuts: int = 0
    code_page: str = "cp437"
    bold: bool = False
    tall: bool = False
    align: int = 0
    _line: str = ""
    _code: bytes = b""
    _code_size: int = 3
    _rest: bytes = b""

    def feed(self, data: bytes) -> "Printer":
        self._rest = data
        while self._rest:
            first = self._take(1)
            if first == b"\x1b":
                self._escape()
            elif first == b"\x1d":
                self._group()
            elif first == b"\n":
                self._end_line()
            elif first[0] < 32:
                raise ValueError(f"control byte {first!r}")
            else:
                self._line += first.decode(self.code_page)
        return self

    @property
    def words(self) -> str:
        """All text, line by line."""
        return "\n".join(line.text for line in self.paper if isinstance(line, Line))

    @property
    def codes(self) -> list[str]:
        return [code.data for code in self.paper if isinstance(code, Code)]

    def _take(self, count: int) -> bytes:
        assert len(self._rest) >= count, "ends in the middle of a command"
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    def _number(self) -> int:
        return int.from_bytes(self._take(2), "little")

    def _end_line(self) -> None:
        self.paper.append(Line(self._line, self.bold, self.tall, self.align))
        self._line = ""

    def _escape(self) -> None:
        command = self._take(1)
        if command == b"@":
            self.bold = self.tall = False
            self.align, self.code_page = 0, "cp437"
        elif command == b"t":
            self.code_page = CODE_PAGES[self._take(1)[0]]
        elif command == b"E":
            self.bold = bool(self._take(1)[0] & 1)
        elif command == b"a":
            assert not self._line, "alignment only counts at the beginning of a line"
            self.align = self._take(1)[0]
        elif command == b"d":
            for _ in range(self._take(1)[0]):
                self._end_line()
        else:
            raise ValueError(f"ESC {command!r}")

    def _group(self) -> None:
        command = self._take(1)
        if command == b"!":
            size = self._take(1)[0]
            assert size in (0, 1), "only single and double height are used"
            self.tall = size == 1
        elif command == b"V":
            assert self._take(1) == b"\0"
            self.cuts += 1
        elif command == b"(":
            assert self._take(1) == b"k"
            self._two_dimensional(self._take(self._number()))
        elif command == b"v":
            assert self._take(2) == b"0\0"
            self._raster(self._number(), self._number())
        else:
            raise ValueError(f"GS {command!r}")

    def _two_dimensional(self, body: bytes) -> None:
        assert body[:1] == b"1", "a QR code"
        function, body = body[1], body[2:]
        if function == 67:
            self._code_size = body[0]
        elif function == 80:
            self._code = body[1:]
        elif function == 81:
            self.paper.append(Code(self._code.decode(), self._code_size, self.align))
        else:
            assert function in (65, 69), "model, error correction"

    def _raster(self, width: int, height: int) -> None:
        dots = Image.frombytes("1", (width * 8, height), bytes(255 - byte for byte in self._take(width * height)))
        self.paper.append(Picture(dots, self.align))


def draw(printer: Printer, columns: int) -> Image.Image:
    """The paper, a dot to a pixel."""
    letter, high = _LETTER
    strips = [_strip(thing, columns * letter, high) for thing in printer.paper]
    paper = Image.new("L", (columns * letter + 2 * high, sum(s.height for s in strips) + 2 * high), 255)
    y = high
    for strip in strips:
        paper.paste(strip, (high, y))
        y += strip.height
    return paper


def _strip(thing: Line | Code | Picture, width: int, high: int) -> Image.Image:
    if isinstance(thing, Line):
        return _letters(thing, width, high)
    if isinstance(thing, Code):
        matrix = segno.make_qr(thing.data, error="m", boost_error=False).matrix
        code = Image.new("L", (len(matrix[0]), len(matrix)), 255)
        code.putdata([0 if dot else 255 for row in matrix for dot in row])
        image = code.resize((code.width * thing.size, code.height * thing.size), Image.Resampling.NEAREST)
    else:
        image = thing.image.convert("L")
    assert image.width <= width, "wider than the paper"
    strip = Image.new("L", (width, image.height + 8), 255)
    strip.paste(image, (thing.align * (width - image.width) // 2, 0))
    return strip


def _letters(line: Line, width: int, high: int) -> Image.Image:
    strip = Image.new("L", (width, high + 4), 255)
    font = ImageFont.truetype(_MONO, 19) if _MONO.exists() else ImageFont.load_default(19)
    pen = ImageDraw.Draw(strip)
    assert len(line.text) * _LETTER[0] <= width, f"{line.text!r} is longer than a line"
    for column, char in enumerate(line.text):
        pen.text((column * _LETTER[0], 0), char, fill=0, font=font, stroke_width=int(line.bold) * 0.6)
    return strip.resize((width, 2 * strip.height)) if line.tall else strip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--columns", type=int, default=42)
    options = parser.parse_args()
    draw(Printer().feed(options.source.read_bytes()), options.columns).save(options.target)


if __name__ == "__main__":
    main()
