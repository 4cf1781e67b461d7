"""The queues, for Prometheus."""

from prometheus_client.core import GaugeMetricFamily, Metric

from stores.queues import depths


def gauges() -> list[Metric]:
    messages = GaugeMetricFamily("qr_queue_messages", "Messages that no worker has taken yet.", labels=["queue"])
    oldest = GaugeMetricFamily("qr_queue_oldest_seconds", "How long the oldest message waits.", labels=["queue"])
    for one in depths():
        messages.add_metric([one.queue], one.messages)
        oldest.add_metric([one.queue], one.oldest)
    return [messages, oldest]
