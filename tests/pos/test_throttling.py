"""A controller that has run wild is slowed down, and nobody beside it."""

from pos.services import create_key
from tests.conftest import controller


def test_a_key_that_calls_too_often_is_told_when_to_come_again(pos, settings) -> None:
    settings.API_CALLS_PER_SECOND = 0.1  # ten seconds' worth: one, and the next
    wild, other = (controller(create_key(name=name, store=pos.store)) for name in ("wild", "other"))
    url = f"/api/v1/pos/{pos.external_id}"
    answers = [wild.get(url) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert answers[-1]["Content-Type"] == "application/problem+json"
    assert answers[-1].json()["type"] == "urn:problem:too-often"
    assert 0 < int(answers[-1]["Retry-After"]) <= 11
    assert other.get(url).status_code == 200


def test_polls_and_deliveries_are_not_counted_as_calls_of_keys(client, pos, settings) -> None:
    settings.API_CALLS_PER_SECOND = 0.1
    assert {client.get(pos.poll_url).status_code for _ in range(10)} == {400}
    url = f"/mp/notifications/{pos.store.account.notification_token}"
    assert {client.post(url).status_code for _ in range(10)} == {200}
