"""Files of spreadsheets: read however they were written, written so that they can be read again."""

from datetime import time
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook, load_workbook

from pos.chain import columns, export, sheets
from pos.chain.saving import save
from pos.chain.verdicts import Fate
from pos.models import PointOfSale
from stores.models import Account, Store
from stores.registration import Registration
from tests.factories import AccountFactory, PosFactory, StoreFactory
from tests.pos.chain import ROW, fates, judged_file, table


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


def test_what_a_spreadsheet_made_a_date_of_is_not_taken_for_a_text(seller: Account) -> None:
    content = workbook(list(ROW), [time(8, 30) if name == "number" else cell for name, cell in ROW.items()])
    [verdict] = judged_file(content).verdicts
    assert verdict.refusals[0].column == "number"
    assert "08:30:00" in verdict.why


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
