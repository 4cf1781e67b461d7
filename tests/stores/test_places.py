"""Where a store is: refused here before Mercado Pago refuses it, with what was probably meant."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError

from gateway.sites import SITES
from stores import places, services
from stores.models import Account, Store

API = "https://api.mercadolibre.com"
CAPITALS = {
    "MLA": ("-34.6037", "-58.3816"), "MLB": ("-15.7939", "-47.8828"), "MLC": ("-33.4489", "-70.6693"),
    "MCO": ("4.7110", "-74.0721"), "MLM": ("19.4326", "-99.1332"), "MLU": ("-34.9011", "-56.1645"),
    "MPE": ("-12.0464", "-77.0428"),
}  # fmt: skip


@pytest.fixture
def catalogue(settings, mercado_pago) -> Iterator[None]:
    """Mercado Libre's list, cut to what these tests need; the shape is that of its documents."""
    settings.MERCADO_LIBRE_API_URL = API
    cache.clear()
    states = [{"id": "AR-C", "name": "Capital Federal"}, {"id": "AR-X", "name": "Córdoba"}]
    mercado_pago.get(f"{API}/countries/AR", json={"id": "AR", "name": "Argentina", "states": states})
    cities = [{"id": "TUxB", "name": "Belgrano"}, {"id": "TUxC", "name": "Núñez"}]
    mercado_pago.get(f"{API}/states/AR-C", json={"id": "AR-C", "name": "Capital Federal", "cities": cities})
    yield
    cache.clear()


@pytest.mark.parametrize("site", SITES)
def test_every_capital_lies_in_its_country(site: str) -> None:
    places.validate_coordinates(SITES[site], *map(Decimal, CAPITALS[site]))


@pytest.mark.parametrize(
    ("latitude", "longitude", "says"),
    [
        ("34.6037", "58.3816", "Is it -34.6037, -58.3816"),
        ("-58.3816", "-34.6037", "Is it -34.6037, -58.3816"),
        ("48.8566", "2.3522", "is not in Argentina. Copy latitude"),
    ],
)
def test_a_place_outside_the_country_is_refused_with_a_guess(latitude: str, longitude: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says) as caught:
        places.validate_coordinates(SITES["MLA"], Decimal(latitude), Decimal(longitude))
    assert "latitude" in caught.value.message_dict


def test_names_are_spelled_as_mercado_pago_does(catalogue) -> None:
    assert places.spell(SITES["MLA"], "capital  federal", "nunez") == ("Capital Federal", "Núñez")


@pytest.mark.parametrize(
    ("state", "city", "field", "says"),
    [
        ("Capital Federal", "Belgrado", "city", "Do you mean Belgrano"),
        ("Cordova", "X", "state", "Do you mean Córdoba"),
        ("Capital Federal", "Zzz", "city", "It knows Belgrano, Núñez"),
    ],
)
def test_a_name_that_mercado_pago_does_not_know_is_refused_with_its_neighbours(
    catalogue, state: str, city: str, field: str, says: str
) -> None:
    with pytest.raises(ValidationError, match=says) as caught:
        places.spell(SITES["MLA"], state, city)
    assert list(caught.value.message_dict) == [field]


def test_nothing_is_saved_when_a_name_is_refused(catalogue, account: Account) -> None:
    with pytest.raises(ValidationError):
        services.save_store(account, external_id="S1", name="S", state="Capital Federal", city="Nowhere")
    assert not Store.objects.exists()


def test_a_state_without_a_list_of_cities_takes_any(catalogue, mercado_pago) -> None:
    mercado_pago.get(f"{API}/states/AR-X", status=404, json={"message": "not found"})
    assert places.spell(SITES["MLA"], "Córdoba", "Villa Nueva") == ("Córdoba", "Villa Nueva")


def test_without_the_list_nothing_is_refused_and_it_is_not_asked_for_at_every_turn(settings, mercado_pago) -> None:
    settings.MERCADO_LIBRE_API_URL = API
    cache.clear()
    mercado_pago.get(f"{API}/countries/AR", status=503)
    for _turn in range(3):
        assert places.spell(SITES["MLA"], "Anywhere", "Nowhere") == ("Anywhere", "Nowhere")
    assert len(mercado_pago.calls) == 1
    cache.clear()
