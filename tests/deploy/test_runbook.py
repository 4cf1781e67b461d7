"""Who is woken at night finds the section, and what it tells to type works."""

import re

import pytest
from django.db import connection

from backoffice.health import CHECKS
from backoffice.models import AlarmKind
from tests.deploy.recipes import ROOT
from tests.runbook import ALERTS, ANCHORS, PAGE, anchor, queries, section


@pytest.mark.parametrize("alert", ANCHORS)
def test_an_alert_has_a_section_that_says_all_that_one_must_know(alert: str) -> None:
    text = section(alert)
    for part in ("**It means**", "**The customer", "**Look**", "**Do", "**Wake**"):
        assert part in text, part


def test_every_link_leads_to_a_section_and_every_section_is_of_an_alert() -> None:
    there = re.findall(r"^## (\S+)$", PAGE, re.M)
    assert sorted(there) == ANCHORS
    places = {re.sub(r"\W+", "-", title.strip()).lower() for title in re.findall(r"^## (.+)$", PAGE, re.M)}
    linked = {*re.findall(r"\(#([\w-]+)\)", PAGE)}
    assert {*ANCHORS} <= linked <= places


@pytest.mark.parametrize("alert", ANCHORS)
def test_it_is_as_urgent_as_the_table_says(alert: str) -> None:
    [urgency] = re.findall(rf"\[{alert}\]\(#{alert}\) \| ([^|]+) \|", PAGE)
    severities = {rule["labels"]["severity"] for rule in ALERTS if anchor(rule["alert"]) == alert}
    assert ("critical" in severities) is ("now" in urgency), urgency
    assert ("warning" in severities) is (urgency != "now"), urgency


def test_every_part_that_may_not_be_ready_has_its_cure() -> None:
    assert {*re.findall(r"^\| `(\w+)` \|", section("not-ready"), re.M)} == {*CHECKS, "disk"}


@pytest.mark.parametrize("page", ["runbook.md", "alarms.md"])
def test_every_alarm_of_the_back_office_stands_in_its_table(page: str) -> None:
    text = (ROOT / "docs" / page).read_text()
    told = section("What the back-office tells") if page == "runbook.md" else text
    assert sorted(re.findall(r"^\| `(\w+)` \|", told, re.M)) == sorted(AlarmKind.values)


@pytest.mark.postgresql
@pytest.mark.parametrize("query", queries(PAGE))
def test_what_is_to_be_typed_into_psql_works(query: str, db) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query)
        assert cursor.description
