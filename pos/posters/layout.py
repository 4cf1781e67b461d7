"""Where everything stands on a poster. The code takes all the room that the words leave."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import segno

from pos.posters.lettering import CAPITAL, LEADING, fit, printable, width
from pos.posters.page import Box, Item, Matrix, Modules, Page, Text
from pos.posters.sizes import Size
from pos.posters.words import Words

INK: Final = "#101828"
QUIET: Final = "#475467"
BAND: Final = "#0b2545"
PAPER: Final = "#ffffff"
QUIET_ZONE: Final = 4  # modules, by ISO 18004
_NAME_SHARE: Final = 0.56  # of the width; the rest is the short code's


@dataclass(frozen=True, slots=True)
class Block:
    """Items from 0 downwards."""

    height: float
    items: tuple[Item, ...]

    def at(self, y: float) -> tuple[Item, ...]:
        return tuple(replace(item, y=item.y + y) for item in self.items)


def lay_out(words: Words, size: Size) -> Page:
    """The page: what to do above, the code, which one it is, and how it goes on."""
    band, names, steps = _band(words, size), _names(words, size), _steps(words, size)
    below = size.height - size.margin - steps.height
    names_at = below - size.gap - names.height
    # Less than a gap around it: its quiet zone is white already.
    code = _code(words, size, top=size.margin + band.height + size.gap / 2, bottom=names_at - size.gap / 2)
    items = (*band.at(size.margin), code, *names.at(names_at), *steps.at(below))
    title = f"{words.title} – {words.store} – {words.name} – {words.code}"
    return Page(size.width, size.height, printable(title), words.language, items)


def _band(words: Words, size: Size) -> Block:
    room = size.width - 2 * size.margin
    inner = room - 2 * size.gap
    title = _lines(words.title, inner, size.title, lines=1, color=PAPER, bold=True)
    store = _lines(words.store, inner, size.store, lines=2, color=PAPER)
    pad, between = 0.45 * size.title, 0.5 * size.title
    height = 2 * pad + title.height + between + store.height
    texts = [*title.at(pad), *store.at(pad + title.height + between)]
    return Block(height, (Box(size.margin, 0, room, height, BAND, size.gap * 0.7), *_centered(texts, size.width)))


def _code(words: Words, size: Size, *, top: float, bottom: float) -> Matrix:
    side = min(bottom - top, size.width - 2 * size.margin)
    return Matrix((size.width - side) / 2, top + (bottom - top - side) / 2, side, modules_of(words))


def _names(words: Words, size: Size) -> Block:
    """Which point of sale it is: its name on the left, its short code on the right."""
    room = size.width - 2 * size.margin
    left = room * _NAME_SHARE
    right = room - left - size.gap
    name = _lines(words.name, left, size.name, lines=2, color=INK, bold=True)
    label = _lines(words.code_label, right, size.step, lines=1, color=QUIET)
    code = _lines(words.code, right, size.code, lines=2, color=INK, bold=True)
    between = 0.4 * size.code
    beside = Block(label.height + between + code.height, (*label.items, *code.at(label.height + between)))
    height = max(name.height, beside.height)
    texts = [replace(item, x=size.margin) for item in name.at((height - name.height) / 2) if isinstance(item, Text)]
    texts += _right(beside.at((height - beside.height) / 2), size.width - size.margin)
    return Block(height, tuple(texts))


def _steps(words: Words, size: Size) -> Block:
    """Three numbered lines, all in one size."""
    badge = size.step * 1.4
    indent = size.margin + badge + size.gap * 0.6
    room = size.width - size.margin - indent
    letters = min(_step_size(step, room, size.step) for step in words.steps)
    items: list[Item] = [Box(size.margin, 0, size.width - 2 * size.margin, size.step * 0.05, QUIET)]
    y = 0.8 * size.step
    for number, step in enumerate(words.steps, start=1):
        text = _lines(step, room, letters, lines=2, color=INK)
        height = max(badge, text.height)
        items += _badge(str(number), size, badge, y + (height - badge) / 2)
        items += [replace(line, x=indent) for line in text.at(y + (height - text.height) / 2) if isinstance(line, Text)]
        y += height + size.step * 0.45
    return Block(y - size.step * 0.45, tuple(items))


def _step_size(step: str, room: float, size: float) -> float:
    """A little smaller rather than with a last word alone on a second line."""
    in_one_line = fit(printable(step), room, size, lines=1, bold=False)[0]
    return in_one_line if in_one_line > 0.8 * size else fit(printable(step), room, size, lines=2, bold=False)[0]


def _badge(number: str, size: Size, side: float, y: float) -> list[Item]:
    letters = size.step
    x = size.margin + (side - width(number, letters, bold=True)) / 2
    base = y + (side + letters * CAPITAL) / 2
    return [Box(size.margin, y, side, side, BAND, side / 2), Text(x, base, letters, number, PAPER, bold=True)]


def _lines(text: str, room: float, size: float, *, lines: int, color: str, bold: bool = False) -> Block:
    """The text in as many lines as it needs, from the top of its capitals to its last base line."""
    letters, broken = fit(printable(text), room, size, lines=lines, bold=bold)
    step = letters * LEADING
    items = [Text(0, letters * CAPITAL + n * step, letters, line, color, bold) for n, line in enumerate(broken)]
    return Block(letters * CAPITAL + max(len(broken) - 1, 0) * step, tuple(items))


def _centered(items: Iterable[Item], page: float) -> list[Item]:
    return [replace(i, x=(page - width(i.text, i.size, bold=i.bold)) / 2) for i in items if isinstance(i, Text)]


def _right(items: Iterable[Item], edge: float) -> list[Text]:
    return [replace(i, x=edge - width(i.text, i.size, bold=i.bold)) for i in items if isinstance(i, Text)]


def modules_of(words: Words) -> Modules:
    """The code with its quiet zone. Level Q: a quarter of it may be scratched off a pump."""
    code = segno.make(words.payload, error="q", micro=False, encoding=words.encoding)
    return tuple(tuple(bool(module) for module in row) for row in code.matrix_iter(border=QUIET_ZONE))
