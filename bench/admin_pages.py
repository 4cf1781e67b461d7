"""Which pages are asked for, and by whom."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from backoffice import roles
from bench.admin_rows import STORES
from orders.models import MerchantOrder, Order
from stores.models import Store

CHAIN, MANAGER, BEGINNER = "chain", "manager", "beginner"  # of all, of a usual store, of one that has sold three times
_BIG, _USUAL, _NEW = 1, 2, STORES


def pages() -> Iterator[tuple[str, str, str]]:
    """Who, what, where."""
    _people()
    for user, store in ((CHAIN, _BIG), (MANAGER, _USUAL), (BEGINNER, _NEW)):
        yield from ((user, name, url) for name, url in _own(store))
        yield from ((user, f"orders: {name}", f"/admin/orders/order/?{query}") for name, query in _orders(store))
        yield from ((user, name, url) for name, url in _searches(store))
        if user != BEGINNER:
            yield from ((user, f"list: {name}", url) for name, url in _lists(user))


def _own(store_id: int) -> Iterator[tuple[str, str]]:
    """The pages that are no lists."""
    order = Order.objects.filter(pos__store=store_id, status="closed").order_by("-pk")[0]
    yesterday = f"{Store.objects.get(pk=store_id).day_at(timezone.now()) - timedelta(days=1)}"
    yield "home", reverse("admin:index")
    yield "home, every 15 seconds", reverse("admin:now")
    yield "board", reverse("admin:board_store", args=[store_id])
    yield "board, every second", reverse("admin:board_tiles", args=[store_id])
    yield "what waits", reverse("admin:attention")
    yield "what was decided", reverse("admin:attention_decided")
    yield "timeline of an order", reverse("admin:timeline_order", args=[order.pk])
    yield "timeline of a point of sale", reverse("admin:timeline_pos", args=[order.pos_id])
    yield "an order", reverse("admin:orders_order_change", args=[order.pk])
    yield "close of day", reverse("admin:closing")
    yield "close of yesterday", reverse("admin:closing_day", args=[store_id, yesterday])


def _orders(store_id: int) -> Iterator[tuple[str, str]]:
    order = Order.objects.filter(pos__store=store_id, receipt__isnull=False).order_by("pk")[0]
    yield "first page", ""
    yield "page 2", "p=2"
    yield "canceled", "status__exact=canceled"
    yield "open", "status__exact=open"
    yield "refunded in part", "payment_status__exact=partially_refunded"  # there is none
    yield "sold today", "sold=today"
    yield "to be paid", "to_pay=yes"
    yield "needs a look", "attention__exact=overpaid"
    yield "of a store", f"pos__store__id__exact={store_id}"
    yield "by amount", "o=3"
    yield "search: reference", f"q={order.external_reference}"
    yield "search: begin of it", f"q={order.external_reference[:10]}"
    yield "search: controller's reference", f"q={order.reference}"
    yield "search: payment", f"q={70_000_000_000 + order.pk}"
    yield "search: merchant order", f"q={9_000_000_000 + order.pk}"
    yield "search: receipt", f"q=0001-{order.pk:08}"
    yield "search: pump", "q=S2P7"
    yield "search: nothing like it", "q=NOSUCHTHING"


def _searches(store_id: int) -> Iterator[tuple[str, str]]:
    made = MerchantOrder.objects.filter(order__pos__store=store_id, payments__isnull=False).order_by("pk")[0]
    reference = made.order.external_reference
    for model, text in (
        ("orders_payment", 70_000_000_000 + made.pk), ("orders_payment", reference),
        ("orders_merchantorder", made.remote_id), ("orders_transition", reference),
        ("receipts_receipt", f"0001-{made.order_id:08}"), ("notifications_notification", made.remote_id),
        ("orders_moneyentry", reference), ("orders_refund", reference), ("receipts_document", reference),
    ):  # fmt: skip
        yield f"search in {model}: {str(text)[:11]}", f"{reverse(f'admin:{model}_changelist')}?q={text}"


def _lists(user: str) -> Iterator[tuple[str, str]]:
    """The first page of everything that this person may list."""
    person = _client(user)[1]
    for model in admin.site._registry:
        if person.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}"):
            yield model._meta.label, reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def cookies() -> dict[str, str]:
    name = settings.SESSION_COOKIE_NAME
    return {user: f"{name}={_client(user)[0].cookies[name].value}" for user in (CHAIN, MANAGER, BEGINNER)}


def queries(user: str, url: str) -> int:
    with CaptureQueriesContext(connection) as told:
        _client(user)[0].get(url)
    return len(told)


@cache
def _client(user: str) -> tuple[Client, User]:
    client, person = Client(headers={"host": "localhost"}), get_user_model().objects.get(username=user)
    client.force_login(person)
    return client, person


def _people() -> None:
    if get_user_model().objects.exists():
        return
    for name, role, store in (
        (CHAIN, roles.Role.CHAIN_ADMINISTRATOR, None),
        (MANAGER, roles.Role.STATION_MANAGER, _USUAL),
        (BEGINNER, roles.Role.STATION_MANAGER, _NEW),
    ):
        person = get_user_model().objects.create_user(name, is_staff=True)
        roles.give(person, role)
        if store:
            person.managed_stores.add(store)
