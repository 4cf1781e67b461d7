"""The text of a QR code: read back as it was written, and nothing else accepted."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import qr
from tests.codes import payload, sealed, tlv

LETTERS = st.characters(min_codepoint=32, max_codepoint=0x17F, exclude_categories=["Cc", "Cf"])
NAMES = st.text(LETTERS, min_size=1, max_size=25)
IDS = st.integers(1, 2**63 - 1)


def test_the_sample_of_argentina_is_read() -> None:
    code = qr.parse(payload(2711382, name="Surtidor 1", city="Belgrano"))
    assert (code.pos_id, code.country, code.currency) == (2711382, "AR", "032")
    assert (code.merchant, code.city, code.is_static) == ("Surtidor 1", "Belgrano", True)


def test_the_checksum_is_that_of_the_standard() -> None:
    assert qr.checksum(b"123456789") == 0x29B1


def test_the_checksum_may_be_in_small_letters() -> None:
    text = payload(2711382)
    assert qr.parse(text[:-4] + text[-4:].lower()).pos_id == 2711382


@settings(derandomize=True)
@given(pos_id=IDS, name=NAMES, city=NAMES, in_bytes=st.booleans(), encoding=st.sampled_from(["utf-8", "latin-1"]))
def test_whatever_is_written_is_read_back(pos_id: int, name: str, city: str, in_bytes: bool, encoding: str) -> None:
    encoding = encoding if _fits(name + city, encoding) else "utf-8"
    text = payload(pos_id, name=name, city=city, in_bytes=in_bytes, encoding=encoding)
    code = qr.parse(text)
    assert code.pos_id == pos_id
    by_characters = qr._walk(text)
    if in_bytes and by_characters and [*by_characters][-1] == "63":
        assert code.tags == by_characters, "it says two things: EMVCo's own way of counting goes first"
    else:
        assert (code.merchant, code.city) == (name, city)


def test_lengths_in_bytes_that_fit_as_characters_too_are_read_as_bytes() -> None:
    # Read in characters the city takes two more, "63"; the rest, 04021B, is then a tag 04 of two: all adds up.
    code = qr.parse(payload(250, name="meqhod", city="F\u0134t\xc7", in_bytes=True))
    assert code.city == "F\u0134t\xc7"


def _fits(text: str, encoding: str) -> bool:
    return encoding == "utf-8" or max(text) <= "\xff"


@settings(derandomize=True)  # of two different characters in UTF-8 and latin-1 one in 65,536 pairs has one checksum
@given(pos_id=IDS, name=NAMES, data=st.data())
def test_any_single_changed_character_is_refused(pos_id: int, name: str, data: st.DataObject) -> None:
    text = payload(pos_id, name=name)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(LETTERS.filter(lambda c: c.upper() != text[at].upper()))
    with pytest.raises(qr.BadCode):
        qr.parse(text[:at] + other + text[at + 1 :])


@settings(derandomize=True)
@given(data=st.data())
def test_a_code_that_is_cut_anywhere_is_refused(data: st.DataObject) -> None:
    text = payload(2711382)
    with pytest.raises(qr.BadCode):
        qr.parse(text[: data.draw(st.integers(0, len(text) - 1))])


@settings(derandomize=True)
@given(st.text(max_size=600))
def test_no_text_at_all_breaks_it(text: str) -> None:
    with pytest.raises(qr.BadCode):
        qr.parse(text)
    with pytest.raises(qr.BadCode):
        qr.parse("000201" + text)


OTHERS = sealed("000201" + tlv("26", tlv("00", "br.gov.bcb.pix") + tlv("01", "a@b.c")) + "5802BR")
PAYMENT = sealed("000201010212" + tlv("43", tlv("00", "COM.MERCADOLIBRE") + tlv("03", "0a1b2c")) + "5802BR")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("https://example.com/", qr.NotEmv),
        ("", qr.NotEmv),
        (payload(2711382)[:-8], qr.CutShort),
        (payload(2711382)[:60], qr.CutShort),
        (payload(2711382)[:-4] + "0000", qr.WrongChecksum),
        (payload(2711382) + " ", qr.CutShort),
    ],
)
def test_what_is_wrong_is_said(text: str, kind: type[qr.BadCode]) -> None:
    with pytest.raises(kind):
        qr.parse(text)


def test_a_whole_code_of_somebody_else_names_no_point_of_sale() -> None:
    with pytest.raises(qr.NotMercadoPago):
        _ = qr.parse(OTHERS).pos_id


def test_a_code_for_one_payment_is_not_for_a_sticker() -> None:
    code = qr.parse(PAYMENT)
    assert not code.is_static
    with pytest.raises(qr.NamesNoPos):
        _ = code.pos_id


@pytest.mark.parametrize(
    "url", ["https://evil.example/mpago.la/pos/1", "https://mpago.la/pos/", "https://mpago.la/pos/0"]
)
def test_an_address_that_only_looks_like_it_is_not_believed(url: str) -> None:
    text = sealed("000201010211" + tlv("43", tlv("00", "com.mercadolibre") + tlv("01", url)) + "5802AR")
    with pytest.raises(qr.NamesNoPos):
        _ = qr.parse(text).pos_id
