"""What receipts say in place of letters that not every paper has."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from receipts.characters import ALPHABET, sayable


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("Ñandú, açaí y café · 5 €", "Ñandú, açaí y café · 5 €"),
        ("cafe\u0301", "café"),
        ("“Łódź” – žluťoučký…", '"Lódz" - zlutoucký...'),
        ("½ m³ a 20 ℃", "½ m³ a 20 °C"),
        ("２ ﬁltros №5 ①", "2 filtros No5 1"),
        ("٣٤ L", "34 L"),
        ("⅓ → ¼", "1/3 -> ¼"),
        ("Agua 💧", "Agua ?"),
        ("❤\ufe0f", "?"),
        ("日本 שלום", "?? ????"),
        ("\u202eSuper\x00\u200b\r\n 95\t", "Super 95"),
        ("z\u0361\u0489\u20dd", "z"),
        ("\ue000 \U000e0041", "?"),
        ("\u0301\u200d", ""),
    ],
)
def test_what_stands_for_what(sent, said) -> None:
    assert sayable(sent) == said


@given(st.text())
@example("\u037e\u1fef\ufdfa\u2126")
def test_whatever_is_sent_can_be_said_by_all_and_is_said_once(text) -> None:
    said = sayable(text)
    assert set(said) <= ALPHABET
    assert said == " ".join(said.split())
    assert sayable(said) == said


@given(st.text(st.sampled_from(sorted(ALPHABET))))
def test_words_of_the_region_are_said_as_they_are(text) -> None:
    assert sayable(text) == " ".join(text.split())
