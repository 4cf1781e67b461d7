"""A chain as one table: read however a spreadsheet wrote it, judged row by row, saved whole or not at all."""

import csv
import json
import os
import signal
from collections.abc import Callable
from datetime import time
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from openpyxl import Workbook, load_workbook

from pos.chain import columns, export, sheets
from pos.chain.plan import Plan, plan
from pos.chain.saving import save
from pos.chain.verdicts import Fate
from pos.management.progress import Progress
from pos.models import PointOfSale
from stores.models import Account, Store
from stores.registration import Registration
from tests.factories import AccountFactory, PosFactory, StoreFactory

API = "https://api.mercadopago.com"
EXAMPLE = Path(settings.ROOT) / "docs" / "chain-example.csv"
ROW = {
    "account": "178106235", "store_external_id": "S1", "store_name": "Estación Ñandú", "street": "Caseros",
    "number": "3039", "city": "Belgrano", "state": "Capital Federal", "latitude": "-34.6352", "longitude": "-58.4057",
    "pos_external_id": "P1", "pos_name": "Pump 1", "category": "gas_station",
}  # fmt: skip


@pytest.fixture
def seller(db: None) -> Account:
    return AccountFactory.create(user_id=178106235)


def table(*rows: dict[str, str], separator: str = ",") -> str:
    """A CSV of the first row's columns."""
    out = StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def judged(*rows: dict[str, str]) -> Plan:
    return judged_file(table(*rows).encode())


def judged_file(content: bytes) -> Plan:
    return plan(columns.table(sheets.read(content)))


def imported(*rows: dict[str, str]) -> Plan:
    planned = judged(*rows)
    list(save(planned))
    return planned


def refusals(planned: Plan) -> list[tuple[int, str]]:
    return [(verdict.number, column) for verdict in planned.verdicts for column, _sentence in verdict.refusals]


def fates(planned: Plan) -> list[str]:
    return [verdict.fate for verdict in planned.verdicts]


def workbook(*rows: list[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def from_excel() -> bytes:
    """Numbers as Excel keeps them."""
    numbers = {"account": 178106235.0, "number": 3039, "latitude": -34.6352, "longitude": -58.4057}
    return workbook(list(ROW), [numbers.get(name, cell) for name, cell in ROW.items()])


SPANISH = table(ROW | {"latitude": "-34,6352", "longitude": "-58,4057", "account": "178106235.0"}, separator=";")


@pytest.mark.parametrize(
    "content",
    [
        table(ROW).encode(),
        table(ROW).encode("utf-8-sig"),
        SPANISH.encode("latin-1"),
        ("sep=;\r\n" + SPANISH).encode("cp1252"),
        table(ROW, separator="\t").encode("utf-16"),
        table(dict(zip([name.upper().replace("_", " ") for name in ROW], ROW.values(), strict=True))).encode(),
        from_excel(),
    ],
    ids=["plain", "bom", "spanish-excel", "sep-line", "unicode-text", "loud-header", "xlsx"],
)
def test_a_file_is_read_however_a_spreadsheet_wrote_it(seller: Account, content: bytes) -> None:
    list(save(judged_file(content)))
    store, pos = Store.objects.get(), PointOfSale.objects.get()
    assert (store.name, store.number, store.account) == ("Estación Ñandú", "3039", seller)
    assert (store.latitude, store.longitude) == (Decimal("-34.6352"), Decimal("-58.4057"))
    assert (store.time_zone, pos.store, pos.category) == ("America/Argentina/Buenos_Aires", store, "gas_station")
    assert (store.registration, pos.registration) == (Registration.PENDING, Registration.PENDING)
    assert store.registration_due_at
    assert pos.registration_due_at


def test_external_ids_that_excel_made_numbers_of_are_ids_again(seller: Account) -> None:
    ids: dict[str, Any] = {"store_external_id": 1001.0, "pos_external_id": "2002.0"}
    list(save(judged_file(workbook(list(ROW), [ids.get(name, cell) for name, cell in ROW.items()]))))
    assert (Store.objects.get().external_id, PointOfSale.objects.get().external_id) == ("1001", "2002")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no rows"),
        (table(ROW).splitlines()[0].encode(), "no rows"),
        (table(ROW | {"colour": "red"}).encode(), "no column colour. Remove it"),
        (table({"latitud" if k == "latitude" else k: v for k, v in ROW.items()}).encode(), "latitud. Do you mean lat"),
        (table({k: v for k, v in ROW.items() if k != "street"}).encode(), "missing: street. Add"),
        (table({k: v for k, v in ROW.items() if k != "pos_external_id"}).encode(), "without pos_external_id"),
        ((table(ROW).replace("street,number", "street,street")).encode(), "called street"),
        (table(ROW).replace("Caseros,3039", "Caseros, esquina,3039").encode(), "Row 2 has more cells"),
        (table(ROW).replace("Caseros", '"Caseros').encode(), "quotation mark"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Save it as .xlsx"),
        (b"PK\x03\x04 no workbook", "no Excel file"),
        (b"a" * (5 * 1024 * 1024 + 1), "5 MB"),
        (b"account\n" + b"1\n" * 10_001, "10,000 rows"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_with_the_remedy(content: bytes, says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        columns.table(sheets.read(content))
    assert says in " ".join(caught.value.messages)


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


def test_what_a_spreadsheet_made_a_date_of_is_not_taken_for_a_text(seller: Account) -> None:
    content = workbook(list(ROW), [time(8, 30) if name == "number" else cell for name, cell in ROW.items()])
    [verdict] = judged_file(content).verdicts
    assert verdict.refusals[0].column == "number"
    assert "08:30:00" in verdict.why


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


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_an_export_is_imported_again_without_a_change(seller: Account, name: str) -> None:
    hours = {"monday": [{"open": "00:00", "close": "23:59"}]}
    store = StoreFactory.create(
        account=seller, name="=1+1 (Ñ)", reference='@home; "quoted", \'+x', business_hours=hours
    )
    PosFactory.create(store=store, name="'=HYPERLINK(1)", dialect="v2", heartbeat=30)
    PosFactory.create(store=store, name="-5", category="other", external_id="0012")
    StoreFactory.create(account=AccountFactory.create(site_code="MCO"), latitude="4.6420", longitude="-74.0640")
    planned = judged_file(export.stores_file(Store.objects.all(), name))
    assert fates(planned) == [Fate.UNCHANGED] * 3, [verdict.what for verdict in planned.verdicts]
    points = judged_file(export.points_file(PointOfSale.objects.all(), name))
    assert fates(points) == [Fate.UNCHANGED] * 2


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "'=1", "＝1"])
def test_no_text_of_an_export_is_taken_for_a_formula(text: str) -> None:
    [_header, [cell]] = load_workbook(BytesIO(sheets.write(["name"], [[text]], name="xlsx"))).worksheets[0].iter_rows()
    assert cell.data_type == "s"
    assert str(cell.value).startswith("'")
    assert sheets.write(["name"], [[text]], name="csv").decode("utf-8-sig").splitlines()[1].strip('"').startswith("'")


def answers(mercado_pago: Any, *accounts: Account) -> None:
    """A Mercado Pago that knows nobody yet and gives everybody an id."""
    ids = iter(range(1, 10_000))

    def made(request: Any) -> tuple[int, dict[str, str], str]:
        body = json.loads(request.body)
        return 200, {}, json.dumps({"id": next(ids), "external_id": body["external_id"], "qr": {}})

    for account in accounts:
        stores = f"{API}/users/{account.user_id}/stores"
        mercado_pago.get(f"{stores}/search", json={"paging": {"total": 0}, "results": []})
        mercado_pago.add_callback("POST", stores, made)
    mercado_pago.add_callback("POST", f"{API}/pos", made)


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., tuple[dict[str, Any], str]]:
    """Run import_chain on these rows: what it printed, and how it failed."""

    def run(rows: list[dict[str, str]], *options: str) -> tuple[dict[str, Any], str]:
        (tmp_path / "chain.csv").write_text(table(*rows))
        return command("import_chain", str(tmp_path / "chain.csv"), *options)

    return run


def command(*arguments: str) -> tuple[dict[str, Any], str]:
    out, failure = StringIO(), ""
    try:
        call_command(*arguments, "--json", stdout=out, stderr=StringIO())
    except CommandError as error:
        failure = str(error)
    return json.loads(out.getvalue()), failure


def test_the_command_saves_and_registers(seller: Account, run, mercado_pago) -> None:
    answers(mercado_pago, seller)
    said, failure = run([ROW, ROW | {"pos_external_id": "P2"}])
    assert (said["new"], said["saved"], said["registered"], failure) == (2, 3, 3, "")
    assert not PointOfSale.objects.exclude(registration=Registration.REGISTERED).exists()
    calls = len(mercado_pago.calls)
    said, failure = run([ROW, ROW | {"pos_external_id": "P2"}])
    assert (said["unchanged"], said["saved"], said["registered"], failure) == (2, 0, 0, "")
    assert len(mercado_pago.calls) == calls, "what is unchanged is not registered again"


def test_a_dry_run_shows_each_row_and_saves_nothing(seller: Account, run, mercado_pago) -> None:
    said, failure = run([ROW, ROW | {"pos_external_id": "P-2"}], "--dry-run")
    assert [(row["row"], row["fate"]) for row in said["rows"]] == [(2, "new"), (3, "refused")]
    assert "1 row is refused" in failure
    assert not Store.objects.exists()
    assert not mercado_pago.calls


def test_one_refused_row_keeps_the_whole_file_out(seller: Account, run, mercado_pago) -> None:
    said, failure = run([ROW, ROW | {"pos_external_id": "P-2"}])
    assert [row["row"] for row in said["refused_rows"]] == [3]
    assert "nothing is saved" in failure
    assert not Store.objects.exists()


def test_good_rows_are_saved_when_the_refused_are_to_be_skipped(seller: Account, run, mercado_pago) -> None:
    answers(mercado_pago, seller)
    said, failure = run([ROW, ROW | {"pos_external_id": "P-2"}], "--skip-refused")
    assert (said["registered"], said["refused"]) == (2, 1)
    assert "correct and import the file again" in failure
    assert PointOfSale.objects.get().external_id == "P1"


def test_what_mercado_pago_refuses_is_said_row_by_row(seller: Account, run, mercado_pago) -> None:
    stores = f"{API}/users/{seller.user_id}/stores"
    mercado_pago.get(f"{stores}/search", json={"paging": {"total": 0}, "results": []})
    mercado_pago.post(stores, status=400, json={"error": "INVALID_STREET_NAME", "message": "bad", "status": 400})
    said, failure = run([ROW])
    store, pos = said["refused_by_mercado_pago"]
    assert (store["row"], store["store"], pos["row"], pos["pos"]) == (2, "S1", 2, "P1")
    assert "name of the street" in store["why"]
    assert "Mercado Pago refuses 2" in failure


def test_without_registering_the_rows_wait_and_register_pending_goes_on(seller: Account, run, mercado_pago) -> None:
    said, failure = run([ROW], "--no-register")
    assert (said["saved"], failure, len(mercado_pago.calls)) == (2, "", 0)
    answers(mercado_pago, seller)
    said, failure = command("register_pending", f"--account={seller.user_id}")
    assert (said["registered"], failure) == (2, "")
    assert command("register_pending")[0]["registered"] == 0


def test_a_pause_that_mercado_pago_asks_for_is_kept_and_shown(seller: Account, tmp_path: Path, mercado_pago) -> None:
    stores = f"{API}/users/{seller.user_id}/stores"
    mercado_pago.get(f"{stores}/search", status=429, headers={"Retry-After": "6"}, json={"message": "too many"})
    answers(mercado_pago, seller)
    (tmp_path / "chain.csv").write_text(table(ROW))
    err = StringIO()
    call_command("import_chain", str(tmp_path / "chain.csv"), "--json", stdout=StringIO(), stderr=err)
    assert "Mercado Pago asks for a pause of 6 s" in err.getvalue()
    assert PointOfSale.objects.get().registration == Registration.REGISTERED


def test_ctrl_c_ends_in_good_order_and_says_how_to_go_on(seller: Account, run, mercado_pago) -> None:
    def interrupt(request: Any) -> tuple[int, dict[str, str], str]:
        os.kill(os.getpid(), signal.SIGINT)
        return 429, {"Retry-After": "60"}, "{}"

    mercado_pago.add_callback("GET", f"{API}/users/{seller.user_id}/stores/search", interrupt)
    said, failure = run([ROW])
    assert (said["registered"], said["waiting"]) == (0, 2)
    assert "Stopped: 2 still to be registered. Nothing is lost: go on with register_pending." in failure
    assert Store.objects.get().registration_code == "TOO_MANY"


@pytest.mark.parametrize(
    ("is_terminal", "shows"), [(True, "\r[###############..............."), (False, "5 of 10 (50 %)")]
)
def test_progress_is_a_bar_at_a_terminal_and_lines_elsewhere(is_terminal: bool, shows: str) -> None:
    stream = StringIO()
    stream.isatty = lambda: is_terminal  # type: ignore[method-assign]
    bar = Progress(stream, 10)
    bar.show(5)
    bar.end()
    assert shows in stream.getvalue()
    assert "/s · " in stream.getvalue()


def test_the_example_is_three_countries_of_five_stores_of_eight_points_of_sale(db: None) -> None:
    for site, user in (("MLA", 178106235), ("MLB", 334249281), ("MCO", 662208785)):
        AccountFactory.create(site_code=site, user_id=user)
    planned = judged_file(EXAMPLE.read_bytes())
    assert fates(planned) == [Fate.NEW] * 120
    list(save(planned))
    assert [account.stores.count() for account in Account.objects.all()] == [5, 5, 5]
    assert {store.points_of_sale.count() for store in Store.objects.all()} == {8}
