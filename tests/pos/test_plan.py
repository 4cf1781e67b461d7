"""What becomes of each row of a table: judged by the rules of the models, saved whole or not at all."""

import csv
from io import StringIO

import pytest

from pos.chain import columns, export, sheets
from pos.chain.plan import plan
from pos.chain.saving import save
from pos.chain.verdicts import Fate
from pos.models import PointOfSale
from stores.models import Account, Store
from stores.registration import Registration
from tests.factories import AccountFactory, PosFactory
from tests.pos.chain import EXAMPLE, ROW, fates, imported, judged, judged_file, refusals


@pytest.mark.parametrize(
    ("changes", "column", "says"),
    [
        ({"account": "999999"}, "account", "create_account"),
        ({"account": "4.46567E+08"}, "account", "no account"),
        ({"account": ""}, "account", "empty"),
        ({"store_external_id": "S-1"}, "store_external_id", "Letters and digits"),
        ({"store_external_id": ""}, "store_external_id", "empty"),
        ({"street": ""}, "street", "empty"),
        ({"street": "x" * 101}, "street", "100"),
        ({"latitude": "34.6352", "longitude": "58.4057"}, "latitude", "Is it -34.6352"),
        ({"latitude": "south"}, "latitude", "no number"),
        ({"latitude": "NaN"}, "latitude", "no number"),
        ({"time_zone": "Mars/Base"}, "time_zone", "no time zone"),
        ({"business_hours": "someday 8-9"}, "business_hours", "no weekday"),
        ({"pos_external_id": "P 1"}, "pos_external_id", "Letters and digits"),
        ({"pos_external_id": ""}, "pos_external_id", "pos_name, category are not"),
        ({"pos_name": ""}, "pos_name", "empty"),
        ({"category": "petrol"}, "category", "none of gas_station"),
        ({"dialect": "v3"}, "dialect", "none of v1, v2"),
        ({"heartbeat": "often"}, "heartbeat", "no whole number"),
        ({"order_lifetime": "1"}, "order_lifetime", "30"),
    ],
)
def test_what_is_wrong_is_said_by_column_and_nothing_is_saved(seller: Account, changes, column: str, says: str) -> None:
    planned = imported(ROW | changes)
    assert column in [name for _number, name in refusals(planned)]
    assert says in planned.verdicts[0].why
    assert not Store.objects.exists()


def test_two_rows_of_one_point_of_sale_are_refused_both(seller: Account) -> None:
    planned = judged(ROW, ROW | {"pos_name": "Pump 2"}, ROW | {"pos_external_id": "P2"})
    assert refusals(planned) == [(2, "pos_external_id"), (3, "pos_external_id")]
    assert "Rows 2 and 3" in planned.verdicts[0].why


def test_a_store_described_in_two_ways_is_refused_naming_both_rows(seller: Account) -> None:
    planned = imported(
        ROW,
        ROW | {"pos_external_id": "P2", "latitude": "-34,63520"},
        ROW | {"pos_external_id": "P3", "street": "Brasil"},
    )
    assert ("street" in dict(planned.verdicts[0].refusals), "street" in dict(planned.verdicts[2].refusals)) == (
        True,
        True,
    )
    assert "Rows 2 and 4" in planned.verdicts[2].why
    assert fates(planned) == [Fate.REFUSED] * 3
    assert not PointOfSale.objects.exists()


def test_a_store_is_described_once_or_in_each_row_or_known_already(seller: Account) -> None:
    short = dict.fromkeys(ROW, "") | {"account": ROW["account"], "store_external_id": "S1", "pos_name": "Pump"}
    assert fates(imported(short | {"pos_external_id": "P2"}, ROW)) == [Fate.NEW, Fate.NEW]
    assert fates(imported(short | {"pos_external_id": "P3"})) == [Fate.NEW]
    assert PointOfSale.objects.filter(store__external_id="S1").count() == 3
    unknown = judged(short | {"pos_external_id": "P4", "store_external_id": "S2"})
    assert refusals(unknown) == [(2, "store_external_id")]
    assert "fill in its name and address" in unknown.verdicts[0].why


def test_a_row_without_a_point_of_sale_is_a_store_alone(seller: Account) -> None:
    imported(ROW | dict.fromkeys(("pos_external_id", "pos_name", "category"), ""))
    assert (Store.objects.count(), PointOfSale.objects.count()) == (1, 0)


def test_a_change_is_shown_and_only_what_mercado_pago_must_hear_is_told(store: Store) -> None:
    pos = PosFactory.create(store=store)
    [header, first] = csv.reader(StringIO(export.stores_file(Store.objects.all(), "csv").decode("utf-8-sig")))
    row = dict(zip(header, first, strict=True))
    planned = imported(row | {"street": "Brasil", "heartbeat": "60"})
    assert planned.verdicts[0].fate == Fate.CHANGED
    assert planned.verdicts[0].what == "street: Caseros → Brasil; heartbeat: – → 60"
    store.refresh_from_db()
    pos.refresh_from_db()
    assert (store.street, store.registration) == ("Brasil", Registration.PENDING)
    assert (pos.heartbeat, pos.registration) == (60, Registration.REGISTERED)


def test_importing_a_file_twice_changes_nothing(seller: Account) -> None:
    imported(ROW)
    before = [*Store.objects.values(), *PointOfSale.objects.values()]
    assert fates(imported(ROW)) == [Fate.UNCHANGED]
    assert [*Store.objects.values(), *PointOfSale.objects.values()] == before


def test_a_column_that_is_left_out_leaves_what_is(store: Store) -> None:
    Store.objects.update(reference="Second floor", business_hours={"monday": [{"open": "08:00", "close": "09:00"}]})
    row = {name: str(getattr(store, name)) for name in ("street", "number", "city", "state", "latitude", "longitude")}
    named = {"account": str(store.account.pk), "store_external_id": store.external_id, "store_name": store.name}
    assert fates(imported(named | row)) == [Fate.UNCHANGED]


def test_an_external_id_of_another_store_is_refused(seller: Account) -> None:
    imported(ROW)
    planned = judged(ROW | {"store_external_id": "S2"})
    assert refusals(planned) == [(2, "pos_external_id")]
    assert "belongs to store S1" in planned.verdicts[0].why


def test_nobody_reaches_stores_and_accounts_that_are_not_theirs(store: Store) -> None:
    rows = columns.table(sheets.read(export.stores_file(Store.objects.all(), "csv")))
    [verdict] = plan(rows, stores=Store.objects.none()).verdicts
    assert verdict.why == "store_external_id: This store is not one of yours."
    [verdict] = plan(rows, accounts=Account.objects.none()).verdicts
    assert "There is no account" in verdict.why


def test_the_example_is_three_countries_of_five_stores_of_eight_points_of_sale(db: None) -> None:
    for site, user in (("MLA", 178106235), ("MLB", 334249281), ("MCO", 662208785)):
        AccountFactory.create(site_code=site, user_id=user)
    planned = judged_file(EXAMPLE.read_bytes())
    assert fates(planned) == [Fate.NEW] * 120
    list(save(planned))
    assert [account.stores.count() for account in Account.objects.all()] == [5, 5, 5]
    assert {store.points_of_sale.count() for store in Store.objects.all()} == {8}
