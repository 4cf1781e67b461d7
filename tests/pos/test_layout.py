"""Where things stand on a poster: nothing overflows or overlaps, however long the names; the code is large."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos.posters import lettering, pdf
from pos.posters.layout import QUIET_ZONE, lay_out
from pos.posters.page import Box, Matrix, Page, Text
from pos.posters.sizes import SIZES
from pos.posters.words import Words
from tests.pos.test_posters import ALL_SIZES, LONG, LONGEST, SHORT, STEPS


def outside(page: Page, size: str) -> list[object]:
    """Whatever stands in the margin or over the edge."""
    margin = SIZES[size].margin - 0.01
    return [item for item in page.items if not _is_within(item, margin, page.width - margin, page.height - margin)]


def _is_within(item: object, margin: float, right: float, bottom: float) -> bool:
    x, top, width, height = _extent(item)
    return margin <= x and x + width <= right + 0.02 and margin <= top and top + height <= bottom + 0.02


def _extent(item: object) -> tuple[float, float, float, float]:
    match item:
        case Text():
            return (
                item.x,
                item.y - item.size * lettering.CAPITAL,
                lettering.width(item.text, item.size, bold=item.bold),
                item.size * lettering.CAPITAL,
            )
        case Box():
            return item.x, item.y, item.width, item.height
        case Matrix():
            return item.x, item.y, item.side, item.side
    raise AssertionError(item)


def overlapping(page: Page) -> list[tuple[str, str]]:
    """Lines of text that stand on each other, or on the code."""
    things = [(getattr(i, "text", "code"), _extent(i)) for i in page.items if isinstance(i, Text | Matrix)]
    return [
        (one, other)
        for n, (one, (x, y, w, h)) in enumerate(things)
        for other, (x2, y2, w2, h2) in things[n + 1 :]
        if x < x2 + w2 and x2 < x + w and y < y2 + h2 and y2 < y + h
    ]


@ALL_SIZES
@settings(deadline=None, max_examples=25)
@given(
    store=st.one_of(st.text(min_size=1, max_size=100), st.sampled_from(["W" * 100, "Wi " * 33, LONG["store"]])),
    name=st.one_of(st.text(min_size=1, max_size=44), st.just("W" * 44)),
    code=st.text("ABCW0123", min_size=1, max_size=39),
)
def test_whatever_the_names_nothing_overflows_or_overlaps(size: str, store: str, name: str, code: str) -> None:
    words = Words("es", "Pague con Mercado Pago", store, name, "Código", code, STEPS, SHORT.payload)
    page = lay_out(words, SIZES[size])
    assert outside(page, size) == []
    assert overlapping(page) == []
    assert pdf.write([page]).startswith(b"%PDF")


@ALL_SIZES
@pytest.mark.parametrize("words", [SHORT, LONGEST])
def test_the_code_is_large_and_its_quiet_zone_is_quiet(size: str, words: Words) -> None:
    [code] = [item for item in lay_out(words, SIZES[size]).items if isinstance(item, Matrix)]
    lines = code.modules
    rim = [*lines[:QUIET_ZONE], *lines[-QUIET_ZONE:], *(line[:4] + line[-4:] for line in lines)]
    assert not any(any(line) for line in rim)
    assert code.side >= 0.63 * SIZES[size].width
    assert code.module >= 0.7  # mm; phones read 0.4 at arm's length


def test_the_short_code_is_whole_even_when_it_is_broken() -> None:
    page = lay_out(LONGEST, SIZES["sticker"])
    bold = [item.text for item in page.items if isinstance(item, Text) and item.bold]
    assert LONG["code"] in "".join(bold)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Café “Ñandú” – 3 €…", "Café “Ñandú” – 3 €…"),
        ("Cafe\u0301", "Café"),
        ("Parada ☕️ 🚗 Sur", "Parada Sur"),
        ("ﬁn Ⅷ", "fin VIII"),
        ("заправка", "????????"),
        ("a\u200b\tb\x00c", "a bc"),
    ],
)
def test_letters_that_the_fonts_lack_do_not_crash_it(text: str, printed: str) -> None:
    assert lettering.printable(text) == printed
