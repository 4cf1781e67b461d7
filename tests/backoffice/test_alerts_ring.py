"""Every alert rings when it should and is quiet otherwise: Prometheus' own promtool plays the rules (`alerts.yml`)."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.runbook import ALERTS, RULES

pytestmark = pytest.mark.promtool
_DAY, _MINUTES_A_DAY = 24 * 3600, 24 * 60
_TASKS, _SWEEPS = "qr_tasks_total{task='x'}", "qr_tasks_total{task='notifications.tasks.sweep'}"
_WAIT = "qr_queue_messages{queue='celery'}"
_PROBE = "probe_success{{job='qr-payments-probe', instance='https://pay.example.com/{}'}}"
_EXPIRY = "probe_ssl_earliest_cert_expiry{job='qr-payments-probe'}"
_STEP = "qr_order_step_seconds_{}{{step='paid_to_closed'{}}}"
_CALL = "qr_mercado_pago_call_seconds_{}{{account='1'{}}}"
_LAG = "qr_notification_lag_seconds_{}{{outcome='processed'{}}}"


@dataclass(frozen=True)
class Case:
    """Series, one value a minute as promtool writes them (`first+step x times`), and the minute that is looked at."""

    alert: str
    rings: bool
    at: int
    series: dict[str, str]
    severity: str = "critical"


def gauge(value: float) -> str:
    return f"{value:g}+0x{3 * _MINUTES_A_DAY}"


def counter(a_minute: int) -> str:
    return f"0+{a_minute}x{3 * _MINUTES_A_DAY}"


def errors(kind: str, values: str) -> dict[str, str]:
    return {f"qr_mercado_pago_errors_total{{account='1', error='{kind}'}}": values}


def share(name: str, of: str, percent: int) -> dict[str, str]:
    return {name: gauge(percent), of: gauge(100)}


def disk(percent_free: int) -> dict[str, str]:
    return share("qr_disk_free_bytes", "qr_disk_size_bytes", percent_free)


def connections(percent: int) -> dict[str, str]:
    return share("qr_database_connections", "qr_database_connections_max", percent)


def warning(alert: str, rings: bool, at: int, series: dict[str, str]) -> Case:
    return Case(alert, rings, at, series, "warning")


def histogram(name: str, *, bounds: dict[str, int]) -> dict[str, str]:
    """Cumulative, a minute, by upper bound."""
    return {name.format("bucket", f", le='{bound}'"): counter(count) for bound, count in bounds.items()}


_CLOSED, _CALLS = {_STEP.format("count", ""): counter(1)}, {_CALL.format("count", ""): counter(100)}
CASES = [
    Case("PaidThereOpenHere", True, 3, {"qr_paid_open_oldest_seconds": "0+60x9"}),
    Case("PaidThereOpenHere", False, 3, {"qr_paid_open_oldest_seconds": gauge(119)}),
    Case("PaidThereOpenHere", True, 15, _CLOSED | histogram(_STEP, bounds={"120.0": 0})),
    Case("PaidThereOpenHere", False, 15, _CLOSED | histogram(_STEP, bounds={"120.0": 1})),
    warning("AttentionQueueGrows", True, _MINUTES_A_DAY + 110,
            {"qr_attention_cases{kind='late'}": f"0+0x{_MINUTES_A_DAY} 30+0x120"}),
    warning("AttentionQueueGrows", False, _MINUTES_A_DAY + 110,
            {"qr_attention_cases{kind='late'}": f"0+0x{_MINUTES_A_DAY} 8+0x120"}),
    warning("AttentionQueueGrows", False, 2 * _MINUTES_A_DAY, {"qr_attention_cases{kind='late'}": gauge(30)}),
    warning("MercadoPagoErrors", True, 20, _CALLS | errors("TemporaryError", counter(30))),
    warning("MercadoPagoErrors", False, 20,
            _CALLS | errors("TemporaryError", counter(10)) | errors("NotFound", counter(30))),
    warning("MercadoPagoSlow", True, 30, histogram(_CALL, bounds={"5.0": 90, "10.0": 100, "+Inf": 100})),
    warning("MercadoPagoSlow", False, 30, histogram(_CALL, bounds={"5.0": 98, "10.0": 100, "+Inf": 100})),
    warning("BreakerOpen", True, 5, {"qr_breaker_open{account='1'}": gauge(1)}),
    warning("BreakerOpen", False, 1, {"qr_breaker_open{account='1'}": gauge(1)}),
    warning("BreakerOpen", False, 5, {"qr_breaker_open{account='1'}": gauge(0)}),
    warning("TokensNotRenewed", True, 2, {"qr_accounts_without_token": gauge(1)}),
    warning("TokensNotRenewed", True, 9, errors("Unauthorized", "0+0x5 1+0x9")),
    warning("TokensNotRenewed", False, 9, errors("Unauthorized", gauge(1)) | {"qr_accounts_without_token": gauge(0)}),
    warning("NotificationLag", True, 30, histogram(_LAG, bounds={"10.0": 90, "30.0": 99, "+Inf": 99})),
    warning("NotificationLag", False, 30, histogram(_LAG, bounds={"10.0": 98, "30.0": 99, "+Inf": 99})),
    warning("NotificationLag", True, 30, {"qr_notifications_waiting": gauge(201)}),
    warning("NotificationLag", False, 30, {"qr_notifications_waiting": gauge(200)}),
    Case("PollsFailing", True, 15, {"qr_polls_total{answer='unreachable'}": counter(60),
         "qr_polls_total{answer='order'}": counter(50)}),
    Case("PollsFailing", False, 15, {"qr_polls_total{answer='unreachable'}": counter(50),
         "qr_polls_total{answer='order'}": counter(60)}),
    warning("ReceiptsWaiting", True, 5, {"qr_receipts_oldest_seconds": gauge(121)}),
    warning("ReceiptsWaiting", False, 5, {"qr_receipts_oldest_seconds": gauge(119)}),
    Case("ReceiptsWaiting", True, 5, {"qr_receipts_oldest_seconds": gauge(7201)}),
    Case("ReceiptsWaiting", False, 5, {"qr_receipts_oldest_seconds": gauge(7199)}),
    warning("PrintsWaiting", True, 9, {"qr_print_jobs_oldest_seconds": gauge(601)}),
    warning("PrintsWaiting", False, 9, {"qr_print_jobs_oldest_seconds": gauge(599)}),
    Case("WebDown", True, 5, {}),
    Case("WebDown", True, 5, {"qr_up{part='database'}": gauge(1), _PROBE.format("healthz"): gauge(0)}),
    Case("WebDown", False, 5, {"qr_up{part='database'}": gauge(0), _PROBE.format("healthz"): gauge(1)}),
    Case("NotReady", True, 5, {"qr_up{part='database'}": gauge(0), "qr_up{part='broker'}": gauge(1)}),
    Case("NotReady", True, 5, {_PROBE.format("readyz"): gauge(0), _PROBE.format("healthz"): gauge(1)}),
    Case("NotReady", False, 5, {_PROBE.format("readyz"): gauge(0), _PROBE.format("healthz"): gauge(0)}),
    Case("NotReady", False, 5, {"qr_up{part='database'}": gauge(1), _PROBE.format("readyz"): gauge(1)}),
    Case("QueueTooOld", True, 5, {"qr_queue_oldest_seconds{queue='receipts'}": gauge(61)}),
    Case("QueueTooOld", False, 5, {"qr_queue_oldest_seconds{queue='receipts'}": gauge(59)}),
    Case("WorkerSilent", True, 9, {_WAIT: gauge(5)}),
    Case("WorkerSilent", True, 9, {_WAIT: gauge(5), _TASKS: gauge(100)}),
    Case("WorkerSilent", False, 9, {_WAIT: gauge(5), _TASKS: counter(1)}),
    Case("WorkerSilent", False, 9, {_WAIT: gauge(0), _TASKS: gauge(100)}),
    warning("BeatSilent", True, 15, {_WAIT: gauge(0)}),
    warning("BeatSilent", True, 15, {_WAIT: gauge(9), _TASKS: counter(1), _SWEEPS: gauge(100)}),
    warning("BeatSilent", False, 15, {_WAIT: gauge(9), _SWEEPS: gauge(100)}),
    warning("BeatSilent", False, 15, {_WAIT: gauge(0), _SWEEPS: counter(1)}),
    Case("BeatSilent", True, 70, {_WAIT: gauge(0)}),
    Case("BeatSilent", False, 50, {_WAIT: gauge(0)}),
    warning("DiskFull", True, 20, disk(19)),
    warning("DiskFull", False, 20, disk(21)),
    Case("DiskFull", True, 5, disk(4)),
    Case("DiskFull", False, 5, disk(6)),
    warning("DatabaseConnections", True, 9, connections(81)),
    warning("DatabaseConnections", False, 9, connections(79)),
    Case("DatabaseConnections", True, 9, connections(96)),
    Case("DatabaseConnections", False, 9, connections(94)),
    warning("CertificateExpires", True, 70, {_EXPIRY: gauge(13 * _DAY)}),
    warning("CertificateExpires", False, 70, {_EXPIRY: gauge(15 * _DAY)}),
    Case("CertificateExpires", True, 70, {_EXPIRY: gauge(2 * _DAY)}),
    Case("CertificateExpires", False, 70, {_EXPIRY: gauge(4 * _DAY)}),
]  # fmt: skip


def promtool(*arguments: str) -> None:
    command = ["promtool", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.alert} {case.severity} {case.rings} {case.at}")
def test_it_rings_when_it_should(case: Case, tmp_path: Path) -> None:
    said = f"ALERTS{{alertname='{case.alert}', severity='{case.severity}', alertstate='firing'}}"
    heard = {
        "expr": f"(count({said}) or vector(0)) > bool 0",
        "eval_time": f"{case.at}m",
        "exp_samples": [{"labels": "{}", "value": int(case.rings)}],
    }
    series = [{"series": name, "values": values} for name, values in case.series.items()]
    played = {"interval": "1m", "input_series": series, "promql_expr_test": [heard]}
    file = tmp_path / "test.yml"
    file.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [played]}))
    promtool("test", "rules", str(file))


def test_each_is_heard_and_is_quiet() -> None:
    of = {(rule["alert"], rule["labels"]["severity"]) for rule in ALERTS}
    for rings in (True, False):
        assert {(case.alert, case.severity) for case in CASES if case.rings is rings} == of


def test_prometheus_takes_the_rules() -> None:
    promtool("check", "rules", str(RULES))
