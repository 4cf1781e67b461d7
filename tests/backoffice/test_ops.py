"""Grafana's dashboard and Prometheus' alerts name what is there, and lead to the runbook."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import pytest
import yaml
from django.conf import settings

from backoffice import queues
from stores import metrics
from stores.queues import Depth

OPS: Final = Path(settings.ROOT) / "ops"
RULES: Final = OPS / "prometheus" / "alerts.yml"
ALERTS: Final[list[dict[str, Any]]] = [
    rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]
]
PANELS: Final[list[dict[str, Any]]] = json.loads((OPS / "grafana" / "dashboard.json").read_text())["panels"]
EXPRESSIONS: Final = [rule["expr"] for rule in ALERTS] + [one["expr"] for panel in PANELS for one in panel["targets"]]
_OF_HISTOGRAMS: Final = ("bucket", "count", "sum")


def test_every_metric_that_is_named_is_there_and_explained(client, db) -> None:
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
    anchor = re.sub(r"(?<!^)(?=[A-Z])", "-", rule["alert"]).lower()
    assert rule["annotations"]["runbook_url"] == f"docs/runbook.md#{anchor}"
    assert rule["annotations"]["summary"]
    assert rule["labels"]["severity"] in ("critical", "warning")


def test_paid_there_open_here_rings_after_two_minutes() -> None:
    [rule] = [rule for rule in ALERTS if rule["alert"] == "PaidThereOpenHere"]
    assert rule["expr"].startswith("max(qr_paid_open_oldest_seconds) > 120")
    assert "for" not in rule


def test_times_in_expressions_are_bounds_of_buckets() -> None:
    """Another one would never match, and its alert never ring."""
    bounds = {str(float(bound)) for bound in metrics.order_steps._kwargs["buckets"]}
    named = {*re.findall(r'le="([\d.]+)"', " ".join(EXPRESSIONS))}
    assert named
    assert named <= bounds


@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool here")
def test_prometheus_takes_the_rules() -> None:
    subprocess.run(["promtool", "check", "rules", str(RULES)], check=True)  # noqa: S607
