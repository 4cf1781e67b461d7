"""Every documented refusal of Mercado Pago's has a sentence that a station manager understands, in three languages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation

from pos import services as pos_services
from pos.models import PointOfSale
from pos.refusals import POS_REFUSALS
from stores import services as store_services
from stores.models import Store
from stores.refusals import STORE_REFUSALS
from stores.registration import Registration

API = "https://api.mercadopago.com"
# As in the documents (protocol.md §2, §3); nothing is taken from the tables under test.
STORE_CODES = [
    "UNKNOWN_FIELD",
    "INVALID_NAME",
    "BAD_REQUEST",
    "INVALID_BUSINESS_HOURS",
    "INVALID_DAY",
    "INVALID_LOCATION",
    "INVALID_STREET_NAME",
    "INVALID_STREET_NUMBER",
    "INVALID_CITY_NAME",
    "INVALID_STATE_NAME",
    "INVALID_REFERENCE",
    "INVALID_USER_ID",
    "INVALID_ZIP_CODE",
    "INVALID_LATITUDE",
    "INVALID_LONGITUDE",
    "VALIDATION_ERROR",
    "INVALID_OFFSET",
    "INVALID_LIMIT",
    "INVALID_EXTERNAL_ID",
    "INVALID_STORE_ID",
]
POS_CODES = [
    "MISSING_BODY",
    "UNKNOWN_FIELD_EXCEPTION",
    "INVALID_NAME",
    "NAME_TOO_LONG",
    "INVALID_FIXED_AMOUNT",
    "INVALID_CATEGORY",
    "UNKNOWN_MCC",
    "POS_UNKNOWN_MCC",
    "INVALID_STORE_ID",
    "POS_INVALID_STORE_ID",
    "INVALID_EXTERNAL_STORE_ID",
    "EXTERNAL_STORE_ID_NOT_MATCH",
    "INEXISTENT_EXTERNAL_STORE_ID",
    "INVALID_EXTERNAL_ID",
    "EXTERNAL_ID_TOO_LONG",
    "INVALID_URL",
    "URL_TOO_LONG",
    "FIXED_AMOUNT_FALSE",
    "INVALID_POS_ID",
    "INVALID_LIMIT",
    "INVALID_OFFSET",
]


@pytest.fixture
def refuse_store(store: Store, mercado_pago) -> Callable[..., Store]:
    """Register the store at a Mercado Pago that refuses it so."""

    def refuse(status: int, body: dict[str, Any]) -> Store:
        stores = f"{API}/users/{store.account.user_id}/stores"
        mercado_pago.get(f"{stores}/search", json={"paging": {"total": 0}, "results": []})
        mercado_pago.post(stores, status=status, json=body)
        store.is_to_be_told()
        store.save()
        return store_services.register(store)

    return refuse


@pytest.fixture
def refuse_pos(pos: PointOfSale, mercado_pago) -> Callable[..., PointOfSale]:
    """Register the point of sale at a Mercado Pago that refuses it so."""

    def refuse(status: int, body: dict[str, Any]) -> PointOfSale:
        mercado_pago.post(f"{API}/pos", status=status, json=body)
        mercado_pago.get(f"{API}/pos", json={"paging": {"total": 0}, "results": []})
        pos.is_to_be_told()
        pos.save()
        return pos_services.register(pos)

    return refuse


def shown(row: Store | PointOfSale) -> dict[str, str]:
    """What a manager reads on the page that waits for the outcome, by language."""
    manager = Client()
    manager.force_login(User.objects.get_or_create(username="boss", is_superuser=True, is_staff=True)[0])
    url = f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/registration/"
    with translation.override("en"):  # and afterwards as before: the pages leave their language behind
        return {
            language: manager.get(url, headers={"Accept-Language": language}).content.decode()
            for language in ("en", "es", "pt-br")
        }


def assert_says(row: Store | PointOfSale) -> None:
    """Three different sentences, none of them Mercado Pago's code alone, and the field by its name."""
    assert row.registration == Registration.REFUSED
    sentences = set()
    for language, page in shown(row).items():
        with translation.override(language):
            assert row.refusal
            sentences.add(str(row.refusal.sentence))
            assert len(row.refusal.sentence) > 30
            assert str(row.refusal.sentence).replace("'", "&#x27;") in page
            if row.refusal.field:
                label = str(row._meta.get_field(row.refusal.field).verbose_name)  # type: ignore[union-attr]
                assert f"{label[0].upper()}{label[1:]}:" in page
    assert len(sentences) == 3


@pytest.mark.parametrize("code", STORE_CODES)
def test_every_refusal_of_a_store_is_shown_in_words(refuse_store, code: str) -> None:
    row = refuse_store(400, {"message": "no", "error": code, "status": 400, "cause": []})
    assert_says(row)
    assert row.registration_due_at is None, "what is refused is not sent again by itself"


@pytest.mark.parametrize("code", POS_CODES)
def test_every_refusal_of_a_point_of_sale_is_shown_in_words(refuse_pos, code: str) -> None:
    assert_says(refuse_pos(400, {"message": "no", "error": code, "status": 400, "cause": []}))


@pytest.mark.parametrize(
    "body",
    [
        {"message": "no", "errorKey": "INVALID_CITY_NAME"},
        {"message": "no", "error": "bad_request", "cause": [{"code": "INVALID_CITY_NAME", "description": "no"}]},
        {"message": "INVALID_CITY_NAME", "error": "bad_request", "cause": None},
    ],
)
def test_the_code_is_found_wherever_it_stands(refuse_store, body: dict[str, Any]) -> None:
    assert refuse_store(400, body).refusal.field == "city"


def test_a_code_that_nobody_knows_is_shown_with_mercado_pagos_own_words(refuse_store) -> None:
    row = refuse_store(400, {"message": "the moon is not full", "error": "MOON", "status": 400, "cause": []})
    assert "the moon is not full" in shown(row)["es"]


def test_a_token_of_another_user_is_said_for_a_store(refuse_store) -> None:
    assert_says(refuse_store(403, {"message": "forbidden", "error": "forbidden", "status": 403}))


def test_a_point_of_sale_that_exists_but_cannot_be_found_is_a_conflict(refuse_pos) -> None:
    assert_says(refuse_pos(409, {"message": "exists", "error": "conflict", "status": 409}))


def test_a_host_that_is_not_enabled_has_its_own_state_and_remedy_and_is_tried_again(refuse_pos) -> None:
    row = refuse_pos(403, {"message": "the host must be enabled", "error": "forbidden", "status": 403})
    assert row.registration == Registration.HOST_NOT_ENABLED
    assert row.registration_due_at is not None
    pages = shown(row)
    assert "adviser" in pages["en"]
    assert len(set(pages.values())) == 3


def test_no_sentence_is_left_that_no_document_names() -> None:
    assert set(STORE_REFUSALS) == {*STORE_CODES, "FORBIDDEN"}
    assert set(POS_REFUSALS) == {*POS_CODES, "CONFLICT", "NOT_FOUND"}
