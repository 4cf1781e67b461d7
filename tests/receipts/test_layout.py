"""What a receipt says."""

import json
from datetime import UTC, datetime

import pytest

from receipts.layout import copy_mark
from tests.receipts.contents import item, refund, sale, store


def rows(content) -> list[tuple[str, str]]:
    return [(b["left"], b["right"]) for b in content["blocks"] if b["kind"] in ("row", "total")]


@pytest.mark.parametrize(
    ("site", "price", "total", "said"),
    [
        ("MLA", "1248.39", "12899.61", ("10,333 L × $ 1.248,39", "$ 12.899,61")),
        ("MLB", "6.39", "66.03", ("10,333 L × R$ 6,39", "R$ 66,03")),
        ("MLC", "1345", "13898", ("10,333 L × $ 1.345", "$ 13.898")),
        ("MCO", "15890", "164191", ("10,333 L × $ 15.890", "$ 164.191")),
        ("MLM", "24.5", "253.16", ("10.333 L × $ 24.50", "$ 253.16")),
    ],
)
def test_litres_and_price_are_written_as_in_the_country(site, price, total, said) -> None:
    assert said in rows(sale([item(price=price, total=total)], at=store(site)))


def test_pieces_have_no_unit() -> None:
    assert ("3 × $ 5,50", "$ 16,50") in rows(sale([item("Pan", "3", "5.50", "16.50", "unit")]))


def test_one_of_a_measure_names_it_and_its_price() -> None:
    one = item("Gasoline 95", "1", "15800", "15800", "gal")
    assert ("1 gal × $ 15.800", "$ 15.800") in rows(sale([one], at=store("MCO", language="en")))


def test_the_tax_that_a_price_holds_is_shown() -> None:
    tax = {"type": "IVA", "value": "21565", "percentage": "19"}
    said = rows(sale([item(price="15890", total="135065")], at=store("MCO", language="en"), taxes=[tax]))
    assert ("IVA 19% included", "$ 21.565") in said


def test_points_are_shown_once_they_are_accredited() -> None:
    assert ("Points earned", "1.240") in rows(sale(points=1240, at=store(language="en")))
    assert "Points earned" not in dict(rows(sale(at=store(language="en"))))


def test_points_that_are_still_being_credited_are_not_passed_over() -> None:
    assert ("Points", "are being credited") in rows(sale(at=store(language="en"), has_loyalty=True))


def test_every_payment_is_named_with_its_operation() -> None:
    said = rows(sale(paid=["12000.00", "899.61"], at=store(language="en")))
    assert said.count(("Operation", "98765432101")) == 1
    assert said.index(("Operation", "98765432102")) == said.index(("Paid with Mercado Pago", "$ 899,61")) + 1


@pytest.mark.parametrize(
    ("site", "language", "thanks"),
    [
        ("MLA", "", "¡Gracias por su compra!"),
        ("MLB", "", "Obrigado pela compra!"),
        ("MLA", "pt-br", "Obrigado pela compra!"),
        ("MLB", "en", "Thank you!"),
    ],
)
def test_a_store_may_speak_another_language_than_its_country(site, language, thanks) -> None:
    content = sale(at=store(site, language=language))
    assert {"kind": "text", "text": thanks} in content["blocks"]
    assert content["language"] == (language or {"MLA": "es", "MLB": "pt-br"}[site])


def test_it_says_that_it_is_no_fiscal_invoice() -> None:
    for content in (sale(at=store(language="en")), refund(at=store(language="en"))):
        assert content["blocks"][-1]["text"] == "Not valid as a fiscal invoice."


def test_a_slip_names_its_receipt_and_adds_up() -> None:
    said = rows(refund(("5000.00", "1200.50"), at=store(language="en")))
    assert ("Refund slip", "0001-00000007-R1") in said
    assert ("Of receipt", "0001-00000007") in said
    assert ("REFUNDED", "$ 6.200,50") in said


def test_what_cannot_be_seen_is_not_printed() -> None:
    said = json.dumps(sale([item("Super\u202e\x00 \n95\u200b", "1")], reference="a\tb"), ensure_ascii=False)
    assert '"Super 95"' in said
    assert '"a b"' in said


def test_a_mark_is_in_the_stores_language_and_by_its_clock() -> None:
    at = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    assert (
        copy_mark(store("MCO", language="es"), language="en", number=1, at=at, actor="ana")
        == "COPY 1 · 24/11/2026 10:00 · ana"
    )


def test_a_content_is_json_and_knows_its_version() -> None:
    content = sale()
    assert json.loads(json.dumps(content)) == content
    assert (content["version"], content["number"]) == (2, "0001-00000007")
