"""Codes of rows, in words for people."""

import re

import pytest
from django.urls import reverse

from gateway.sites import SITES
from orders import services, words
from orders.models import DifferenceKind, MoneyEntry, Transition
from orders.models.audit import Difference
from orders.settlement import settle
from orders.states import MERCHANT_ORDER_STATUSES, PAYMENT_STATUSES, Attention
from tests.factories import ITEM
from tests.orders.conftest import remote

# Mercado Pago's, of a merchant order as a whole (protocol.md §5).
ORDER_STATUSES = (
    "payment_required", "payment_in_process", "partially_paid", "paid", "partially_reverted", "reverted", "undefined",
)  # fmt: skip


@pytest.mark.parametrize(
    ("actor", "said"),
    [
        ("notification 3", "a notification of Mercado Pago"),
        ("refund 12", "a refund"),
        ("controller key NkHGI5jR", "the controller (key NkHGI5jR…)"),
        ("rules", "the rules"),
        ("policy", "the store's policy"),
        ("notification", "notification"),
        ("ana", "ana"),
    ],
)
def test_machines_are_named_by_what_they_are_for_and_people_by_their_names(actor: str, said: str) -> None:
    assert words.who(actor) == said


@pytest.mark.parametrize("word", [*PAYMENT_STATUSES, *MERCHANT_ORDER_STATUSES, *ORDER_STATUSES])
def test_every_word_of_mercado_pagos_has_one_of_ours(word: str) -> None:
    assert "_" not in str(words.status(word))
    assert words.status(word) is not word


def test_a_word_that_is_not_known_stands_as_it_is() -> None:
    assert words.status("exploded") == "exploded"
    assert words.why("The pump was dirty.") == "The pump was dirty."
    assert "strange_detail" in str(words.detail("strange_detail"))
    assert words.detail("") == ""


def test_what_a_person_set_aside_says_what_it_was() -> None:
    said = words.why(f"set aside ({Attention.OVERPAID}): given back in cash (twice)")
    assert said == "set aside (paid twice or too much): given back in cash (twice)"


@pytest.mark.parametrize(
    ("text", "said"),
    [("approved 12600.00", "approved 12,600.00"), ("closed AB23CD", "closed AB23CD"), ("in_mediation", "disputed")],
)
def test_a_side_of_a_difference_is_told_word_by_word(text: str, said: str) -> None:
    assert words.side(text, SITES["MPE"]) == said


def test_what_is_not_understood_stands_as_it_came(store) -> None:
    text = "Merchant order 5: 500.00 is no status, pending"
    assert Difference(kind=DifferenceKind.NOT_UNDERSTOOD, theirs=text).there == text


@pytest.fixture
def paid_twice(pos, paid, payment):
    order, _is_new = services.create(
        pos, {"items": [ITEM]}, idempotency_key="k", fingerprint="-", actor="controller key abcdef12"
    )
    twice = paid(order, payment(1, 500, status_detail="accredited"), payment(2, 5000))
    return settle(order.pk, remote(twice), actor="notification 7")


def cells(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition('id="content"')[2]).split())


def test_an_orders_page_is_told_in_words_inside_out(admin_client, paid_twice) -> None:
    page = cells(admin_client.get(reverse("admin:orders_order_change", args=[paid_twice.pk])).content.decode())
    for said in (
        "the controller (key abcdef12…)", "a notification of Mercado Pago", "the rules", "credited to the account",
        "5,500.00",
    ):  # fmt: skip
        assert said in page
    for code in ("notification 7", "controller key", "accredited", " rules-", "5500.00"):
        assert code not in page


@pytest.mark.parametrize("model", ["moneyentry", "transition", "refundrequest", "payment", "merchantorder"])
def test_lists_and_pages_are_told_in_words(admin_client, paid_twice, model: str) -> None:
    listed = admin_client.get(reverse(f"admin:orders_{model}_changelist"))
    row = listed.context["cl"].result_list[0]
    shown = admin_client.get(reverse(f"admin:orders_{model}_change", args=[row.pk])).content.decode()
    for page in (cells(listed.content.decode()), cells(shown)):
        assert not re.search(r"notification 7|controller key |accredited|\brules\b(?<!the rules)|500\.00\b(?<!,500\.00)"
                             r"(?<! 500\.00)|payment_|paid_|regular_payment", page)  # fmt: skip


def test_the_rows_keep_their_codes(paid_twice) -> None:
    assert {row.actor for row in Transition.objects.all()} == {"controller key abcdef12", "notification 7"}
    assert {row.reason for row in MoneyEntry.objects.all()} >= {"accredited", "overpaid"}


def test_the_total_still_sorts_the_list_of_orders(admin_client, paid_twice) -> None:
    page = admin_client.get(reverse("admin:orders_order_changelist"))
    column = next(n for n, name in enumerate(page.context["cl"].list_display) if str(name) == "total_amount")
    assert f"?o={column}" in page.content.decode()
    sorted_by = admin_client.get(reverse("admin:orders_order_changelist"), {"o": str(column)})
    assert sorted_by.context["cl"].queryset.query.order_by[0] == "total_amount"


def test_columns_without_an_index_sort_nothing_whatever_the_address_says(admin_client, paid_twice) -> None:
    page = admin_client.get(reverse("admin:orders_order_changelist"))
    columns = [str(name) for name in page.context["cl"].list_display]
    usual = page.context["cl"].queryset.query.order_by[:2]
    for column in ("created_at", "pos", "paid_amount", "currency"):
        asked = admin_client.get(reverse("admin:orders_order_changelist"), {"o": f"-{columns.index(column)}"})
        assert asked.context["cl"].queryset.query.order_by[:2] == usual
