"""The first thing that is seen after the log-in: what waits for a person."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.models import Order
from tests.backoffice.conftest import person
from tests.factories import OrderFactory


def lists(client: Client) -> dict[str, tuple[int, str]]:
    """Each kind on the front page: how much, and where."""
    page = client.get("/admin/").content.decode()
    found = re.findall(r'<li><a href="([^"]+)">([^<]+): <strong>(\d+)</strong>', page)
    return {label: (int(count), url.replace("&amp;", "&")) for url, label, count in found}


def test_when_nothing_waits_it_says_so(boss: Client, order) -> None:
    assert lists(boss) == {}
    assert "Every payment has sold something or went back" in boss.get("/admin/").content.decode()


def test_each_kind_leads_to_just_what_it_counts(boss: Client, waiting_row) -> None:
    for source in ("difference", "notification", "account", "finding", "hook", "job", "printer", "order"):
        waiting_row(source)
    found = lists(boss)
    assert [count for count, _url in found.values()] == [1] * 8
    assert next(iter(found)) == "Paid twice or too much"  # money first
    for count, url in found.values():
        assert len(boss.get(url).context["told"]) == count, url


def test_nobody_is_told_of_what_he_may_not_see(waiting_row, store) -> None:
    waiting_row("difference")
    somebody = person("somebody", "view_order", store=store)
    assert list(lists(somebody)) == ["Paid twice or too much"]
    assert list(lists(person("nobody", "view_order"))) == []


def test_the_front_page_counts_the_cases_of_ones_stores_only(ana: Client, twice) -> None:
    theirs = OrderFactory.create()
    Order.objects.filter(pk=theirs.pk).update(attention="overpaid")
    assert [count for count, _url in lists(ana).values()] == [1]
    assert [count for count, _url in lists(person("head", "view_order", "see_all_stores")).values()] == [2]


def test_the_queues_filter_shows_what_is_chosen(ana: Client, pos) -> None:
    for page in ("/admin/attention/", "/admin/attention/decided/"):
        text = ana.get(page, {"store": pos.store_id, "kind": "overpaid"}).content.decode()
        assert f'<option value="{pos.store_id}" selected>{pos.store}</option>' in text
        assert '<option value="overpaid" selected>' in text
        assert '<option value="">all stores</option>' in text


@pytest.mark.parametrize("orders", [0, 30])
def test_counting_takes_few_queries_however_many_wait(ana: Client, pos, orders) -> None:
    for _number in range(orders):
        OrderFactory.create(pos=pos, status="canceled", attention="overpaid")
    lists(ana)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        lists(ana)
    about_cases = [q["sql"] for q in seen if "backoffice_case" in q["sql"] or "UNION" in q["sql"]]
    assert len(about_cases) <= 4
    assert len(seen) <= 20  # session, person, permissions, the other cards of the front page
