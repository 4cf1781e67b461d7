"""A station manager meets nothing of another's store, whatever page there is or will be.

The tests walk over all admin classes and all addresses of the admin. A new one fails them until it has a rule here.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from backoffice import roles
from backoffice.exports.tables import TABLES
from backoffice.models import AlarmRecipient, Case, SettlementRun, Shift
from backoffice.roles import Role
from orders.models import Order
from pos.models import ControllerKey, Hook, ImportRun, PointOfSale
from receipts.models import Printer, PrinterKey, Receipt
from stores.admin import ScopedAdmin
from stores.models import Application, Errand, Store
from tests.backoffice.stations import (
    OF_A_STORE,
    Station,
    add_what_no_store_has,
    allowed_everything_but_all_stores,
    build,
)

OF_WHO_ASKED = (Errand,)  # people see their own
NOT_OF_A_STORE: tuple[type[Model], ...] = (Application, User, LogEntry)  # seen by those only who see all stores
FOR_SUPERUSERS = (Group,)

Kwargs = dict[str, Any]


def first(station: Station, model: type[Model]) -> Any:
    return station.rows[model][0]


def by(model: type[Model], name: str = "pk", **more: Any) -> Callable[[Station], Kwargs]:
    return lambda station: {name: first(station, model).pk} | more


def run_of(station: Station) -> Kwargs:
    return {"pk": ImportRun.objects.get(user=station.manager).pk}


def day_of(form: str = "", *, shift: bool = False) -> Callable[[Station], Kwargs]:
    def kwargs(station: Station) -> Kwargs:
        store = first(station, Store)
        one = {"shift": Shift.objects.get(store=store).pk} if shift else {}
        return {"store": store.pk, "day": "2026-11-20"} | one | ({"form": form} if form else {})

    return kwargs


def report_of(station: Station) -> Kwargs:
    return {"pk": SettlementRun.objects.get(user=station.manager).pk}


def errand_of(station: Station) -> Kwargs:
    return {"pk": Errand.objects.get(user=station.manager).pk}


# Addresses of one thing: the other's is a 404.
OF_ONE_THING: dict[str, Callable[[Station], Kwargs]] = {
    "stores_store_registration": by(Store),
    "pos_pointofsale_registration": by(PointOfSale),
    "orders_order_refund": by(Order),
    "pos_poster": by(PointOfSale, size="a4", format="pdf"),
    "pos_official": by(PointOfSale, kind="image"),
    "chain_run": run_of,
    "chain_progress": run_of,
    "receipts_receipt_download": by(Receipt, format="pdf"),
    "auth_user_password_change": by(User, "id"),
    "board_store": by(Store, "store_id"),
    "board_tiles": by(Store, "store_id"),
    "timeline_order": by(Order),
    "timeline_pos": by(PointOfSale),
    "closing_day": day_of(),
    "closing_file": day_of("csv"),
    "closing_shift": day_of(shift=True),
    "closing_shift_file": day_of("pdf", shift=True),
    "settlement_run": report_of,
    "errand_progress": errand_of,
    "errand_file": errand_of,
    "settlement_progress": report_of,
}
# Pages of many things: the other's are not among them. With what is looked at, and what is asked for.
OF_MANY: dict[str, list[tuple[Kwargs, Callable[[Station], Kwargs]]]] = {
    "index": [({}, lambda theirs: {})],
    "app_list": [
        ({"app_label": a}, lambda theirs: {}) for a in ("stores", "pos", "orders", "receipts", "notifications")
    ],
    "pos_scan": [({}, lambda theirs: {}), ({}, lambda theirs: {"pos": first(theirs, PointOfSale).pk})],
    "chain_import": [({}, lambda theirs: {})],
    **{
        page: [({}, lambda theirs: {})]
        for page in ("now", "board", "attention", "attention_decided", "closing", "settlement")
    },
    "export": [({"what": what}, lambda theirs: {}) for what in TABLES],
    "chain_export": [({"of": of, "form": "csv"}, lambda theirs: {}) for of in ("stores", "points")],
}
# Nothing of any store: the log-in, one's own password, an empty table, the answer to a connection one began oneself.
HARMLESS = {
    "login", "login_code", "two_factor", "logout", "password_change", "password_change_done", "jsi18n", "chain_table",
    "stores_application_connected", "handbook", "handbook_chapter", "handbook_picture",
}  # fmt: skip
TESTED_BELOW = {"autocomplete", "view_on_site", "attention_act", "errand_stop"}
MADE_FOR: list[tuple[type[Model], str]] = [
    *((model, field) for model in (Hook, ControllerKey, Printer) for field in ("store", "pos")),
    (AlarmRecipient, "store"),
    (PrinterKey, "printer"),
    (PointOfSale, "store"),
]
STANDARD = ("changelist", "add", "history", "delete", "change")


@pytest.fixture
def theirs(db: None, payload: Any) -> Station:
    station = build("Ajena", 999111999, payload)
    add_what_no_store_has(station)
    return station


@pytest.fixture
def mine(theirs: Station, payload: Any) -> Station:
    return build("Propia", 888222888, payload)


@pytest.fixture
def manager(mine: Station) -> Client:
    return allowed_everything_but_all_stores(mine.manager)


def address(model: type[Model], page: str, row: Model | None = None) -> str:
    args = [quote(row.pk)] if row else []
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def everything() -> dict[str, Any]:
    """All rows of all models, but for what every visit changes."""
    passing = ("sessions.session", "auth.user")
    models = [m for m in apps.get_models() if m._meta.label_lower not in passing]
    return {m._meta.label: list(m._base_manager.order_by("pk").values()) for m in models}


def patterns(of: list[Any]) -> Iterator[URLPattern]:
    for one in of:
        yield from patterns(one.url_patterns) if isinstance(one, URLResolver) else [one]


# --- nothing is forgotten ---------------------------------------------------------------------------------------------
def test_every_admin_class_says_whose_rows_it_shows() -> None:
    for model, page in admin.site._registry.items():
        if model in (*FOR_SUPERUSERS, *OF_WHO_ASKED):
            continue
        assert isinstance(page, ScopedAdmin), f"{page} must inherit ScopedAdmin"
        assert (model in OF_A_STORE) != (model in NOT_OF_A_STORE), f"{model} has no rule in these tests"


def test_every_address_of_the_admin_has_a_rule() -> None:
    standard = {f"{m._meta.app_label}_{m._meta.model_name}_{page}" for m in admin.site._registry for page in STANDARD}
    ruled = standard | {*OF_ONE_THING} | {*OF_MANY} | HARMLESS | TESTED_BELOW
    names = {pattern.name for pattern in patterns(admin.site.get_urls())}
    nameless = {str(pattern.pattern) for pattern in patterns(admin.site.get_urls()) if pattern.name is None}
    assert names - {None} == ruled
    assert nameless == {"<path:object_id>/", "(?P<url>.*)$"}, "Django's: they lead to another one, or to a 404"


# --- the pages of all models -----------------------------------------------------------------------------------------
def test_lists_and_their_filters_hold_only_what_is_mine(manager, mine, theirs) -> None:
    for model in [*OF_A_STORE, *NOT_OF_A_STORE]:
        page = manager.get(address(model, "changelist"))
        assert page.status_code == 200, model
        assert not theirs.is_named_in(page.content.decode()), model
        own = {row.pk for row in mine.rows.get(model, []) if model in OF_A_STORE}
        assert {row.pk for row in page.context["cl"].result_list} == own, model
        found = manager.get(address(model, "changelist"), {"q": theirs.word})
        assert len(found.context["cl"].result_list) == 0, model


def test_who_sees_all_stores_sees_both(mine, theirs) -> None:
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss"))
    for model in [*OF_A_STORE, *NOT_OF_A_STORE]:
        listed = {row.pk for row in boss.get(address(model, "changelist")).context["cl"].result_list}
        assert {row.pk for station in (mine, theirs) for row in station.rows.get(model, [])} <= listed, model


def test_the_others_rows_have_no_page_and_cannot_be_changed(manager, theirs) -> None:
    before = everything()
    for model, rows in theirs.rows.items():
        for row in rows:
            for page in ("change", "history"):
                assert manager.get(address(model, page, row)).status_code == 404, (model, page)
            assert manager.get(address(model, "delete", row)).status_code in (403, 404), model
            for page in ("change", "delete"):
                answer = manager.post(address(model, page, row), {"name": "x", "post": "yes"})
                assert answer.status_code in (403, 404), (model, page)
            popup = manager.get(address(model, "changelist"), {"_popup": 1, "_to_field": "id", "id__exact": row.pk})
            assert not theirs.is_named_in(popup.content.decode()), model
    assert everything() == before


def test_actions_on_the_others_rows_do_nothing(manager, theirs, mercado_pago) -> None:
    before, done = everything(), 0
    for model, rows in theirs.rows.items():
        chosen = [row.pk for row in rows]
        actions = admin.site._registry[model].actions or ()
        for action in actions:
            more = {"apply": "1", "post": "yes", "amount": "1", "reason": "x", "size": "a4"}
            answer = manager.post(address(model, "changelist"), {"action": action, "_selected_action": chosen, **more})
            assert answer.status_code in (200, 302), (model, action)
            assert not theirs.is_named_in(answer.content.decode()), (model, action)
            done += 1
    assert done > 20
    assert everything() == before
    assert not mercado_pago.calls


def test_forms_offer_only_what_is_mine(manager, mine, theirs) -> None:
    for model in OF_A_STORE:
        pages = [manager.get(address(model, "change", row)) for row in mine.rows[model]]
        assert {page.status_code for page in pages} == {200}, model
        pages += [manager.get(address(model, "add")), manager.get(address(model, "history", mine.rows[model][0]))]
        assert not any(theirs.is_named_in(page.content.decode()) for page in pages), model


def test_completions_hold_only_what_is_mine(manager, theirs) -> None:
    asked = 0
    for model in admin.site._registry:
        for field in (*model._meta.fields, *model._meta.many_to_many):
            target = admin.site._registry.get(getattr(field.remote_field, "model", None))  # type: ignore[arg-type]
            if not isinstance(target, ScopedAdmin):
                continue
            which = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field.name}
            for term in ("", theirs.word):
                answer = manager.get(reverse("admin:autocomplete"), which | {"term": term})
                assert answer.status_code == 200, which
                assert not theirs.is_named_in(answer.content.decode()), which
                asked += 1
    assert asked > 40


def test_what_others_refer_to_is_not_completed(manager) -> None:
    asked = 0
    for model in admin.site._registry:
        for relation in model._meta.related_objects:
            which = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "term": ""}
            answer = manager.get(reverse("admin:autocomplete"), which | {"field_name": relation.name})
            assert answer.status_code == 403, which
            asked += 1
    assert asked > 40


def test_nothing_is_made_for_the_others_store(manager, mine, theirs) -> None:
    before = everything()
    for model, field in MADE_FOR:
        row = first(theirs, {"store": Store, "pos": PointOfSale, "printer": Printer}[field])
        form = {"name": "x", "url": "https://x.example/", "host": "x", "external_id": "X1", field: row.pk}
        answer = manager.post(address(model, "add"), form)
        assert field in answer.context["adminform"].form.errors, model
        assert not theirs.is_named_in(answer.content.decode()), model
    assert everything() == before


# --- all other pages -------------------------------------------------------------------------------------------------
def test_the_others_things_are_a_404(manager, mine, theirs) -> None:
    before = everything()
    for name, of in OF_ONE_THING.items():
        url = reverse(f"admin:{name}", kwargs=of(theirs))
        assert manager.get(url).status_code == 404, name
        assert manager.post(url, {"apply": "1"}).status_code == 404, name
    assert everything() == before
    for name in {*OF_ONE_THING} - {
        "auth_user_password_change",
        "pos_poster",
        "errand_file",
    }:  # its code only Mercado Pago makes
        assert manager.get(reverse(f"admin:{name}", kwargs=OF_ONE_THING[name](mine))).status_code == 200, name


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.CHAIN_ADMINISTRATOR, Role.AUDITOR)])
def test_in_every_role_of_a_store_the_others_things_are_not_there(mine, theirs, role: Role) -> None:
    roles.give(mine.manager, role)
    client, before = Client(), everything()
    client.force_login(mine.manager)
    for name, of in OF_ONE_THING.items():
        url = reverse(f"admin:{name}", kwargs=of(theirs))
        assert {client.get(url).status_code, client.post(url, {"apply": "1"}).status_code} <= {403, 404}, name
    for model, rows in theirs.rows.items():
        for page in ("change", "history", "delete"):
            answer = client.get(address(model, page, rows[0]), follow=True)
            assert answer.status_code in (403, 404), (model, page)
    assert everything() == before


def test_who_is_not_logged_in_meets_the_door_and_nothing_behind_it(mine, theirs) -> None:
    before = everything()
    urls = [reverse(f"admin:{name}", kwargs=of(theirs)) for name, of in OF_ONE_THING.items()]
    urls += [reverse(f"admin:{name}", kwargs=kwargs) for name, cases in OF_MANY.items() for kwargs, _query in cases]
    urls += [address(model, page, rows[0]) for model, rows in theirs.rows.items() for page in ("change", "delete")]
    urls += [address(model, page) for model in admin.site._registry for page in ("changelist", "add")]
    urls += [reverse("admin:autocomplete"), reverse("admin:attention_act", args=[1]), reverse("admin:two_factor")]
    for url in urls:
        for answer in (Client().get(url), Client().post(url, {"apply": "1"})):
            assert answer.status_code == 302, url
            assert answer["Location"].startswith("/admin/login/"), url
            assert not theirs.is_named_in(answer.content.decode()), url
    assert everything() == before


def test_other_pages_hold_nothing_of_the_others(manager, theirs) -> None:
    for name, cases in OF_MANY.items():
        for kwargs, query in cases:
            page = manager.get(reverse(f"admin:{name}", kwargs=kwargs), query(theirs), follow=True)
            assert page.status_code == 200, name
            text = b"".join(page.streaming_content) if page.streaming else page.content
            assert not theirs.is_named_in(text.decode()), name


def test_the_export_holds_what_is_mine(manager, mine) -> None:
    file = manager.get(reverse("admin:chain_export", kwargs={"of": "points", "form": "csv"}))
    assert mine.is_named_in(file.content.decode())


def test_the_front_page_counts_what_is_mine(manager, mine, theirs) -> None:
    counts = {one.url: one.count for one in manager.get("/admin/").context["waiting"]}
    assert {url: count for url, count in counts.items() if count != 1} == {}
    assert not [url for url in counts if "notification" in url]


def test_the_others_cases_are_not_decided(manager, theirs) -> None:
    case = Case.objects.get(store=first(theirs, Store))
    before = everything()
    form = {"action": "set_aside", "facts": "", "reason": "not mine at all"}
    assert manager.post(reverse("admin:attention_act", args=[case.pk]), form).status_code == 404
    errand = Errand.objects.get(user=theirs.manager)
    assert manager.post(reverse("admin:errand_stop", args=[errand.pk])).status_code == 404
    assert everything() == before


def test_nothing_leads_from_a_row_to_a_page_elsewhere(manager, theirs) -> None:
    store = first(theirs, Store)
    content_type = ContentType.objects.get_for_model(store)
    assert manager.get(reverse("admin:view_on_site", args=[content_type.pk, store.pk])).status_code == 404
