"""The order's page in the admin leads to its receipt and its slips, and they lead back."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from receipts import services, tasks
from receipts.models import Receipt
from tests.receipts.conftest import close, give_back


@pytest.fixture
def manager(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("ana"))
    return client


def page(of: Receipt) -> str:
    return reverse("admin:receipts_receipt_change", args=[of.pk])


def test_order_receipt_and_slips_lead_to_each_other(manager, order, payload) -> None:
    at = reverse("admin:orders_order_change", args=[order.pk])
    receipt = services.issue(close(order, payload))
    services.draw(receipt)
    tasks.issue_slip(give_back(receipt.sale, 100).pk)
    slip = receipt.slips.get()
    of_order, of_receipt, of_slip = (manager.get(url).content.decode() for url in (at, page(receipt), page(slip)))
    for target in (receipt, slip):
        assert f'<a href="{page(target)}">{target.number}</a>' in of_order
    assert f'<a href="{page(slip)}">{slip.number}</a>' in of_receipt
    assert f'<a href="{page(receipt)}">{receipt.number}</a>' in of_slip
    assert f'href="{at}"' in of_receipt
    assert f'href="{at}"' in of_slip
    assert "Of receipt" not in of_receipt
    assert "Refund slips" not in of_slip
