"""Grafana's dashboard and Prometheus' alerts name what is there, and lead to the runbook."""

import json
import re
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
import yaml
from django.conf import settings
from django.urls import resolve

from backoffice import queues
from backoffice.alarms.money import PAID_FOR
from stores import metrics
from stores.queues import Depth
from tests.runbook import ALERTS, anchor

OPS: Final = Path(settings.ROOT) / "ops"
PANELS: Final[list[dict[str, Any]]] = json.loads((OPS / "grafana" / "dashboard.json").read_text())["panels"]
EXPRESSIONS: Final = [rule["expr"] for rule in ALERTS] + [one["expr"] for panel in PANELS for one in panel["targets"]]
_OF_HISTOGRAMS: Final = ("bucket", "count", "sum")


def test_every_metric_that_is_named_is_there_and_explained(client, db) -> None:
    metrics.notification_lag.labels("processed").observe(1)  # who has counted nothing yet has no families to show
    with patch.object(queues, "depths", return_value=[Depth("celery", 0, 0)]):  # that of tests is in memory
        answer = client.get("/metrics").content.decode()
    described = dict(re.findall(r"^# TYPE (\S+) (\S+)$", answer, re.M))
    exported = {*described}
    exported |= {f"{name}_{end}" for name, kind in described.items() if kind == "histogram" for end in _OF_HISTOGRAMS}
    named = {*re.findall(r"\bqr_\w+", " ".join(EXPRESSIONS))}
    assert len(named) > 20
    assert named <= exported, named - exported
    explained = {*re.findall(r"`(qr_\w+)`", (settings.ROOT / "docs" / "monitoring.md").read_text())}
    assert explained == {*described}


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_is_wrong_how_urgent_it_is_and_where_to_read_on(rule: dict[str, Any]) -> None:
    assert rule["annotations"]["runbook_url"] == f"docs/runbook.md#{anchor(rule['alert'])}"
    assert rule["annotations"]["summary"]
    assert rule["labels"]["severity"] in ("critical", "warning")


def test_paid_there_open_here_rings_when_the_alarm_does() -> None:
    [rule] = [rule for rule in ALERTS if rule["alert"] == "PaidThereOpenHere"]
    assert rule["expr"].startswith(f"max(qr_paid_open_oldest_seconds) > {PAID_FOR.total_seconds():g} or ")
    assert "for" not in rule


def test_no_alert_is_there_twice_with_the_same_urgency() -> None:
    told = [(rule["alert"], rule["labels"]["severity"]) for rule in ALERTS]
    assert len(told) == len({*told})


@pytest.mark.parametrize("counter", ["qr_tasks_total[2m]", 'qr_tasks_total{task="notifications.tasks.sweep"}[5m]'])
def test_a_counter_that_nobody_counted_with_yet_is_silence_too(counter: str) -> None:
    assert any(f"(sum(rate({counter})) or vector(0)) == 0" in expression for expression in EXPRESSIONS)


def test_what_looks_from_outside_is_configured() -> None:
    """The page's scrape jobs, the exporter's module and the alerts speak of the same."""
    page = (settings.ROOT / "docs" / "monitoring.md").read_text()
    [text] = re.findall(r"^```yaml\n(scrape_configs:.*?)^```", page, re.M | re.S)
    jobs = {job["job_name"]: job for job in yaml.safe_load(text)["scrape_configs"]}
    named = {*re.findall(r'job="([\w-]+)"', " ".join(EXPRESSIONS))}
    assert {*jobs} == {"qr-payments", *named}
    probe = jobs["qr-payments-probe"]
    modules = yaml.safe_load((OPS / "prometheus" / "blackbox.yml").read_text())["modules"]
    assert [*modules] == probe["params"]["module"]
    [targets] = [one["targets"] for one in probe["static_configs"]]
    for pattern in {*re.findall(r'instance=~"([^"]+)"', " ".join(EXPRESSIONS))}:
        assert any(re.fullmatch(pattern, target) for target in targets), pattern
    for target in targets:
        assert resolve(urlsplit(target).path)


def test_times_in_expressions_are_bounds_of_buckets() -> None:
    """Another one would never match, and its alert never ring."""
    bounds = {str(float(bound)) for bound in metrics.order_steps._kwargs["buckets"]}
    named = {*re.findall(r'le="([\d.]+)"', " ".join(EXPRESSIONS))}
    assert named
    assert named <= bounds
