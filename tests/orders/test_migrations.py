"""Payments of before learn at which point of sale they were made."""

from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from orders.models import Payment
from orders.settlement import settle
from tests.factories import OrderFactory
from tests.orders.conftest import remote

BEFORE, AFTER = (
    [("orders", "0017_payments_know_their_point_of_sale")],
    [("orders", "0018_whose_payments_were_made_before")],
)


@pytest.mark.django_db(transaction=True)
def test_payments_learn_their_point_of_sale_batch_by_batch(pos, paid, payment, monkeypatch) -> None:
    monkeypatch.setattr(import_module("orders.migrations.0018_whose_payments_were_made_before"), "BATCH", 2)
    for number in range(5):
        order = OrderFactory.create(pos=pos)
        one = paid(order, payment(7000 + number, 500.0), id=8000 + number)
        settle(order.pk, remote(one), actor="test")
    try:
        executor = MigrationExecutor(connection)
        executor.migrate(BEFORE)
        old = MigrationExecutor(connection).loader.project_state(BEFORE).apps.get_model("orders", "Payment")
        old.objects.update(pos=None)
        MigrationExecutor(connection).migrate(AFTER)
    finally:
        MigrationExecutor(connection).migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())
    assert list(Payment.objects.values_list("pos", flat=True)) == [pos.pk] * 5
