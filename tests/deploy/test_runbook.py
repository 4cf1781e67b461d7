"""Who is woken at night finds the section, and what it tells to type works."""

import re

import pytest
from django.db import connection

from tests.deploy.recipes import ROOT

PAGE = (ROOT / "docs" / "runbook.md").read_text()
ALERTS = [
    "paid-there-open-here",
    "web-down",
    "not-ready",
    "queue-too-old",
    "worker-silent",
    "beat-silent",
    "notification-lag",
    "mercado-pago-errors",
    "mercado-pago-slow",
    "breaker-open",
    "attention-queue-grows",
    "receipts-waiting",
    "prints-waiting",
    "polls-failing",
    "disk-full",
    "database-connections",
    "tokens-not-renewed",
    "certificate-expires",
]


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_has_a_section_that_says_all_that_one_must_know(alert: str) -> None:
    [section] = re.findall(rf"^## {alert}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    for part in ("**It means**", "**The customer", "**Look**", "**Do", "**Wake**"):
        assert part in section, part


def test_every_link_leads_to_a_section() -> None:
    assert set(re.findall(r"\(#([\w-]+)\)", PAGE)) == set(re.findall(r"^## (\S+)$", PAGE, re.M)) == set(ALERTS)


@pytest.mark.postgresql
@pytest.mark.parametrize("query", re.findall(r"^```sql\n(.*?)^```", PAGE, re.M | re.S))
def test_what_is_to_be_typed_into_psql_works(query: str, db) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query)
        assert cursor.description
