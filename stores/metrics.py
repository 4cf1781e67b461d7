"""What each process counts and times; docs/monitoring.md says what each means.

In memory, so that counting costs less than a microsecond and cannot fail: `stores.snapshots` brings the processes'
numbers together, `backoffice.metrics` shows them. What the database or the queue knows is not counted here but asked
when somebody looks (`backoffice.gauges`). One that gets other labels or other buckets gets another name: what was
counted before stays in the sums.
"""

from collections import Counter as Counts
from collections.abc import Iterable
from datetime import datetime
from threading import Lock
from typing import Final

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]

REGISTRY: Final = CollectorRegistry(auto_describe=False)


class Tally(Collector):
    """A counter with one label for the hottest path: a tenth of what `Counter.labels(…).inc()` costs."""

    def __init__(self, name: str, documentation: str, label: str, *, registry: CollectorRegistry) -> None:
        self._described = name, documentation, [label]
        self._counts: Counts[str] = Counts()
        self._lock = Lock()
        registry.register(self)

    def count(self, value: str) -> None:
        with self._lock:
            self._counts[value] += 1

    def collect(self) -> Iterable[Metric]:
        name, documentation, labels = self._described
        family = CounterMetricFamily(name, documentation, labels=labels)
        for value, count in self._counts.copy().items():
            family.add_metric([str(value)], count)
        return [family]


polls: Final = Tally("qr_polls", "Polls of Mercado Pago, by what was answered.", "answer", registry=REGISTRY)
tasks: Final = Tally("qr_tasks", "Tasks that workers have ended, well or not, by name.", "task", registry=REGISTRY)
notification_lag: Final = Histogram(
    "qr_notification_lag_seconds",
    "From a delivery's arrival to the end of the work on it, by what came of it.",
    ["outcome"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
    registry=REGISTRY,
)
order_steps: Final = Histogram(
    "qr_order_step_seconds",
    "How long orders took: paid_to_closed, closed_to_receipt, closed_to_printed.",
    ["step"],
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600),
    registry=REGISTRY,
)
# By account: few buckets, since there may be a thousand accounts.
mercado_pago_calls: Final = Histogram(
    "qr_mercado_pago_call_seconds",
    "Calls to Mercado Pago, retries included, by account.",
    ["account"],
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
mercado_pago_errors: Final = Counter(
    "qr_mercado_pago_errors",
    "Calls to Mercado Pago that failed, by account and kind of error.",
    ["account", "error"],
    registry=REGISTRY,
)


def took(step: str, since: datetime | None, until: datetime) -> None:
    """A step of an order is over. Mercado Pago's clock may be ahead of ours: what would be negative is nothing."""
    if since is not None:
        order_steps.labels(step).observe(max((until - since).total_seconds(), 0))
