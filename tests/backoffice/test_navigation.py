"""The pages in the order of people's work."""

import re
from itertools import chain

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client

from backoffice.navigation import GROUPS, Rows


def menu(client: Client) -> dict[str, list[str]]:
    page = client.get("/admin/password_change/").content.decode()
    sidebar = page.partition('id="sidebar"')[2].partition("</nav>")[0]
    groups = re.findall(r"<h2>(.*?)</h2>(.*?)</section>", sidebar, re.DOTALL)
    return {name: re.findall(r'href="([^"]+)"', pages) for name, pages in groups}


@pytest.fixture
def client_of(db):
    def log_in(*permissions: str) -> Client:
        user = User.objects.create_user("somebody", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        client = Client()
        client.force_login(user)
        return client

    return log_in


def test_every_registered_model_stands_in_a_group() -> None:
    named = {page.model.lower() for _, pages in GROUPS for page in pages if isinstance(page, Rows)}
    ours = {model._meta.label_lower for model in admin.site._registry}
    assert ours - named == set()


def test_people_are_shown_what_they_may_open_and_nothing_else(client_of) -> None:
    client = client_of("view_order", "view_pointofsale")
    assert menu(client) == {
        "Today": ["/admin/", "/admin/board/", "/admin/attention/", "/admin/stores/errand/", "/admin/handbook/"],
        "Money": ["/admin/orders/order/"],
        "Forecourt": ["/admin/pos/pointofsale/", "/admin/pos/pointofsale/scan/"],
    }
    for url in chain(*menu(client).values()):
        assert client.get(url).status_code == 200


def test_the_page_one_is_on_is_marked(client_of) -> None:
    page = client_of("view_order").get("/admin/orders/order/").content.decode()
    assert '<a href="/admin/orders/order/" aria-current="page">' in page


@pytest.mark.parametrize(("url", "is_open"), [("/admin/orders/order/", False), ("/admin/orders/transition/", True)])
def test_what_is_seldom_needed_is_folded_unless_one_is_there(client_of, url: str, is_open: bool) -> None:
    page = client_of("view_order", "view_transition").get(url).content.decode()
    [state] = set(re.findall(r'<details class="fold" data-fold="[^"]+"( open)?>', page))
    assert bool(state) == is_open


def test_every_list_says_what_it_is_for() -> None:
    for model, one in admin.site._registry.items():
        if not model.__module__.startswith("django."):
            assert getattr(one, "help_line", ""), model
