"""`/metrics`, for Prometheus: what all processes counted, and how full everything is now."""

import logging
from collections.abc import Callable, Iterable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from backoffice import deadlines, gauges, queues
from backoffice.health import CHECKS, read_only
from stores.snapshots import snapshots

logger = logging.getLogger(__name__)

_PATIENCE: Final = 2.0  # seconds; Prometheus usually has ten
_READY: Final = "ready: "
_ASKED: Final = {"database": gauges.of_the_database, "broker": queues.gauges, "disk": gauges.of_the_disk}


class Gauges(Collector):
    """Asked of database, broker and disk now; of one that does not answer, only that.

    A part is up when it gave its gauges and passed what `/readyz` asks of it: a database that takes no changes tells
    how much waits, and is not up all the same.
    """

    def collect(self) -> Iterable[Metric]:
        up = dict.fromkeys((*CHECKS, *_ASKED), True)
        checks = {f"{_READY}{part}": _nothing_but(check) for part, check in CHECKS.items()}
        for question, answer in deadlines.ask(_ASKED | checks, seconds=_PATIENCE).items():
            if isinstance(answer, Exception):
                logger.warning("metrics: %s: %r", question, answer)
                up[question.removeprefix(_READY)] = False
            else:
                yield from answer
        told = GaugeMetricFamily("qr_up", "Whether it can be worked with: what /readyz asks, disk.", labels=["part"])
        for part, is_up in up.items():
            told.add_metric([part], is_up)
        yield told


def _nothing_but(check: Callable[[], bool]) -> Callable[[], list[Metric]]:
    """That it passed: it has no gauges."""

    def ask() -> list[Metric]:
        check()
        return []

    return ask


@read_only
def metrics(request: HttpRequest) -> HttpResponse:
    if settings.METRICS_NEED_TOKEN and not _is_known(request.headers.get("Authorization", "")):
        return HttpResponse("A bearer token is needed: METRICS_TOKEN.\n", "text/plain", 401, headers=_CHALLENGE)
    registry = CollectorRegistry()
    registry.register(snapshots)
    registry.register(Gauges())
    return HttpResponse(generate_latest(registry), CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


_CHALLENGE: Final = {"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"}


def _is_known(authorization: str) -> bool:
    scheme, _space, token = authorization.partition(" ")
    return (
        bool(settings.METRICS_TOKEN)
        and scheme.lower() == "bearer"
        and constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    )
