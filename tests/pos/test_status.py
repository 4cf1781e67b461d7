"""Step 3A: what controllers report."""

import pytest
from django.utils import timezone

from pos.models import PointOfSale
from tests.factories import PosFactory


@pytest.mark.parametrize("status", ["idle", "in_process", "offline"])
def test_a_report_is_kept_with_its_time(pump, pos, status: str) -> None:
    before = timezone.now()
    answer = pump.put(f"/api/v1/pos/{pos.external_id}/status", {"status": status}, format="json")
    assert (answer.status_code, answer.json()["status"]) == (200, status)
    pos.refresh_from_db()
    assert pos.status == status
    assert pos.status_at is not None
    assert pos.status_at >= before


@pytest.mark.parametrize(
    ("body", "field"), [({}, "status"), ({"status": "busy"}, "status"), ({"status": "idle", "x": 1}, "x")]
)
def test_a_wrong_report_is_refused_by_field_and_nothing_is_kept(pump, pos, body, field: str) -> None:
    answer = pump.put(f"/api/v1/pos/{pos.external_id}/status", body, format="json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert field in answer.json()["errors"]
    pos.refresh_from_db()
    assert pos.status_at is None


def test_another_stores_point_of_sale_is_not_there(pump) -> None:
    other = PosFactory.create()
    answer = pump.put(f"/api/v1/pos/{other.external_id}/status", {"status": "offline"}, format="json")
    assert answer.status_code == 404
    assert PointOfSale.objects.get(pk=other.pk).status == "idle"
