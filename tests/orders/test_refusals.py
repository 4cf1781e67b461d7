"""What people are told of a refund that Mercado Pago did not make."""

import pytest

from gateway.errors import from_answer
from orders.refusals import why_not_back

CALL = "POST /v1/payments/1/refunds"


@pytest.mark.parametrize(
    ("status", "message", "ours"),
    [
        (400, "Collector hasn't enough money", "There is not enough money in the Mercado Pago account"),
        (400, "insufficient balance", "There is not enough money in the Mercado Pago account"),
        (400, "Payment too old to be refunded", "It was paid too long ago"),
        (400, "You have exceeded the max number of refunds for this payment", "gives back no more parts"),
        (400, "Partial refund unsupported for this transaction", "only the whole can go back"),
        (400, "The action requested is not valid for the current payment state", "it went back already"),
        (404, "Payment not found", "it went back already"),
        (400, "Invalid transaction_amount for update", "more than what is left"),
        (401, "invalid access token", "access token: renew it"),
        (503, "no reason given", "did not answer as it should"),
        (400, "4096 something new", "Mercado Pago refuses it."),
    ],
)
def test_it_is_said_in_our_words_with_mercado_pagos_behind_them(status: int, message: str, ours: str) -> None:
    said = str(why_not_back(str(from_answer(status, f"{CALL}: {status} {message}", ""))))
    assert ours in said
    assert said.index(ours) < said.index(message)
    assert CALL not in said


def test_what_we_wrote_ourselves_stands_as_it_is() -> None:
    text = "100.00 instead of 200.00: the rest had been refunded before."
    assert why_not_back(text) == text
