"""Tables for the tests of the import, and a Mercado Pago that takes them."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings

from pos.chain import columns, sheets
from pos.chain.plan import Plan, plan
from pos.chain.saving import save
from stores.models import Account

API = "https://api.mercadopago.com"


EXAMPLE = Path(settings.ROOT) / "docs" / "chain-example.csv"


ROW = {
    "account": "178106235", "store_external_id": "S1", "store_name": "Estación Ñandú", "street": "Caseros",
    "number": "3039", "city": "Belgrano", "state": "Capital Federal", "latitude": "-34.6352", "longitude": "-58.4057",
    "pos_external_id": "P1", "pos_name": "Pump 1", "category": "gas_station",
}  # fmt: skip


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
