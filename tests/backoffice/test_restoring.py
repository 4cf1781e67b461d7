"""Numbers that may be out in the world are not given again."""

import json

import pytest
from django.core.management import CommandError, call_command

from backoffice import restoring
from receipts.models import Receipt, ReceiptBook
from receipts.services import issue
from tests.factories import OrderFactory
from tests.receipts.conftest import close


@pytest.mark.postgresql
def test_the_next_receipt_and_the_next_id_are_far_behind_all_that_were_given(order, payload) -> None:
    first = issue(close(order, payload))
    [(store, next_one)] = restoring.skip_numbers(receipts=1000)
    assert (store, next_one) == (order.pos.store, 1002)
    later = OrderFactory.create(pos=order.pos)
    assert later.pk > order.pk + 900_000
    receipt = issue(close(later, payload, id=2))
    assert (receipt.sequence, receipt.number[-8:]) == (1002, "00001002")
    assert receipt.pk > first.pk + 900_000


@pytest.mark.postgresql
def test_the_command_says_where_the_backup_ends(order, payload, capsys) -> None:
    issue(close(order, payload))
    call_command("after_restore", "--skip-receipts", "10", "--json")
    said = json.loads(capsys.readouterr().out)
    assert said["last_sale_in_the_backup"] == order.created_at.isoformat(timespec="seconds")
    assert said["next_receipts"] == [{"store": order.pos.store.external_id, "sequence": 12}]


def test_it_goes_back_for_nobody(order, payload) -> None:
    issue(close(order, payload))
    with pytest.raises(CommandError):
        call_command("after_restore", "--skip-receipts", "-1")
    assert (ReceiptBook.objects.get().last, Receipt.objects.count()) == (1, 1)
