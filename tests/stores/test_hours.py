"""Business hours as people write them."""

from datetime import datetime

import pytest
from django.core.exceptions import ValidationError

from stores import hours


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("", ""),
        ("08:00-13:00, 15:00-18:00", "08:00-13:00, 15:00-18:00"),
        ("8:00 – 13:00 15:00-18:00", "08:00-13:00, 15:00-18:00"),
        ("00:00-23:59", "00:00-23:59"),
    ],
)
def test_slots_are_read_as_they_are_written(text: str, slots: str) -> None:
    assert hours.write_slots(hours.read_slots(text)) == slots


@pytest.mark.parametrize("text", ["8-13", "24:00-25:00", "08:00", "from eight", "08:00-13:00-15:00", "08:60-09:00"])
def test_what_is_no_time_is_named(text: str) -> None:
    with pytest.raises(ValidationError, match="write hours like"):
        hours.read_slots(text)


def test_several_days_share_their_hours() -> None:
    read = hours.read("mon-fri 08:00-18:00; saturday 09:00-13:00")
    assert list(read) == ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
    assert hours.read(hours.write(read)) == read
    assert len(hours.read("daily 00:00-23:59")) == 7
    assert list(hours.read("sat-mon 10:00-12:00")) == ["saturday", "sunday", "monday"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"funday": []}, "no weekday"),
        ({"monday": [{"open": "08:00", "close": "08:00"}]}, "end after it begins"),
        ({"monday": [{"open": "08:00", "close": "13:00"}, {"open": "12:00", "close": "14:00"}]}, "before the next"),
        ({"monday": [{"open": f"{h:02}:00", "close": f"{h:02}:30"} for h in range(5)]}, "at most four"),
        ({"monday": "all day"}, "write hours like"),
        ({"monday": [{"open": "8", "close": "9"}]}, "write hours like"),
        ([], "object"),
    ],
)
def test_what_mercado_pago_would_refuse_is_refused_first(wrong: object, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        hours.validate(wrong)


def test_four_slots_are_taken() -> None:
    hours.validate({"monday": [{"open": f"{h:02}:00", "close": f"{h:02}:30"} for h in range(4)]})


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-24T08:59", False),  # a Tuesday
        ("2026-11-24T09:00", True),
        ("2026-11-24T13:00", True),
        ("2026-11-24T14:00", False),
        ("2026-11-25T09:00", False),
    ],
)
def test_a_store_is_open_within_its_slots(moment: str, is_open: bool) -> None:
    week = hours.read("tuesday 09:00-13:00, 15:00-18:00")
    assert hours.is_open(week, datetime.fromisoformat(moment)) == is_open
    assert hours.is_open({}, datetime.fromisoformat(moment))
