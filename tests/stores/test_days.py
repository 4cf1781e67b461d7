"""Business days of a store, also where clocks are changed at midnight."""

from datetime import UTC, date, datetime, timedelta

import pytest

from stores import days

CHILE = "America/Santiago"  # clocks change at midnight between Saturday and Sunday


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 9, 5), 24), (date(2026, 9, 6), 23), (date(2026, 4, 4), 25), (date(2026, 4, 5), 24)],
)
def test_a_day_has_23_or_25_hours_when_clocks_change(day: date, hours: int) -> None:
    begin, end = days.bounds(day, CHILE)
    assert end - begin == timedelta(hours=hours)
    assert days.bounds(day + timedelta(days=1), CHILE)[0] == end


@pytest.mark.parametrize("zone", [CHILE, "America/Asuncion", "America/Sao_Paulo", "America/Havana"])
@pytest.mark.parametrize("hour", [0, 1, 6, 23])
def test_every_moment_belongs_to_one_day(zone: str, hour: int) -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    while moment < datetime(2025, 1, 1, tzinfo=UTC):
        day = days.day_at(moment, zone, hour=hour)
        begin, end = days.bounds(day, zone, hour=hour)
        assert begin <= moment < end
        moment += timedelta(hours=5, minutes=37)


def test_a_station_that_changes_shifts_at_six_sells_at_five_on_the_day_before() -> None:
    five = datetime(2026, 11, 20, 8, tzinfo=UTC)  # 05:00 in Buenos Aires
    assert days.day_at(five, "America/Argentina/Buenos_Aires", hour=6) == date(2026, 11, 19)
    assert days.day_at(five, "America/Argentina/Buenos_Aires") == date(2026, 11, 20)
