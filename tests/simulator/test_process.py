"""The process as a whole."""

import requests

from tests.simulator.conftest import STORE, Seller
from tests.simulator.process import Simulator


def test_what_it_knows_outlives_it(tmp_path) -> None:
    simulator = Simulator(tmp_path / "state.json")
    simulator.start()
    seller = Seller(simulator.url, 446566691)
    store = seller.call("POST", f"/users/{seller.user_id}/stores", STORE).json()
    application = {"client_secret": "s3cret", "redirect_uri": "https://pay.example.com/", "site": "MLA"}
    seller.phone("PUT", "applications/5", application)
    simulator.stop()
    simulator.start()
    try:
        assert seller.call("GET", f"/stores/{store['id']}").json() == store
        asked = {"client_id": "5", "response_type": "code", "redirect_uri": "https://pay.example.com/"}
        assert requests.get(f"{simulator.url}/authorization", params=asked, timeout=5).status_code == 200
    finally:
        simulator.stop()


def test_the_phone_page_says_what_to_do_and_speaks_the_readers_language(simulator: Simulator) -> None:
    page = requests.get(simulator.url, timeout=5)
    assert page.status_code == 200
    assert "manage.py register_pos" in page.text
    assert '<html lang="en">' in page.text
    spanish = requests.get(simulator.url, headers={"Accept-Language": "es-AR"}, timeout=5)
    assert '<html lang="es">' in spanish.text
