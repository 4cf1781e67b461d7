"""`/metrics`, for Prometheus: what all processes counted, and how full everything is now."""

import logging
from collections.abc import Iterable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from backoffice import deadlines, gauges, queues
from stores.snapshots import snapshots

logger = logging.getLogger(__name__)

_PATIENCE: Final = 2.0  # seconds; Prometheus usually has ten
_ASKED: Final = {"database": gauges.of_the_database, "broker": queues.gauges, "disk": gauges.of_the_disk}


class Gauges(Collector):
    """Asked of database, broker and disk now; of one that does not answer, only that."""

    def collect(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("qr_up", "Whether it answered just now: database, broker, disk.", labels=["part"])
        for part, answer in deadlines.ask(_ASKED, seconds=_PATIENCE).items():
            if isinstance(answer, Exception):
                logger.warning("metrics: %s: %r", part, answer)
            up.add_metric([part], not isinstance(answer, Exception))
            if not isinstance(answer, Exception):
                yield from answer
        yield up


@require_safe
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
