"""What a reader of each format reads: the words in their order, without how they stand on the paper."""

import re
from html.parser import HTMLParser

import pypdfium2

from tests.receipts.escpos_screen import Printer

_RULE = re.compile(r"^(?:-{32,}|={32,})$")
_HEAD = re.compile(r"^.*?(?:Page|Página) \d+ (?:of|de) \d+", re.DOTALL)  # of a second page, and of further ones


def words_of_text(data: bytes) -> str:
    """Plain text, without its rules and without the address under the code's caption."""
    lines = (line.strip() for line in data.decode().splitlines())
    return _close_up(line for line in lines if not _RULE.match(line) and not line.startswith("http"))


def words_of_escpos(data: bytes) -> str:
    printer = Printer().feed(data)
    return _close_up(line for line in printer.words.splitlines() if not _RULE.match(line.strip()))


def words_of_pdf(data: bytes) -> str:
    """Without the heads of its pages."""
    first, *others = pages_of_pdf(data)
    return _close_up([first, *(_HEAD.sub("", page) for page in others)])


def pages_of_pdf(data: bytes) -> list[str]:
    with pypdfium2.PdfDocument(data) as document:
        pages = []
        for page in document:
            text = page.get_textpage()
            # PDFium takes a hyphen at the end of a line for a soft one.
            pages.append(text.get_text_range().replace("\x02", "-").replace("\ufffe", "-"))
            text.close()
            page.close()
    return pages


def words_of_html(data: bytes) -> str:
    reader = _Reader()
    reader.feed(data.decode())
    reader.close()
    return _close_up(reader.found)


def code_of_html(data: bytes) -> str:
    reader = _Reader()
    reader.feed(data.decode())
    return reader.links[-1]


class _Reader(HTMLParser):
    """What stands in <main>."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.links: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside |= tag == "main"
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")

    def handle_endtag(self, tag: str) -> None:
        self._inside &= tag != "main"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found.append(data)


def _close_up(parts) -> str:
    return "".join("".join(parts).split())
