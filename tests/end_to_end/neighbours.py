"""Two stores of one account, each with a manager of its own: made inside the running stack's database.

`manage.py shell -c "from tests.end_to_end.neighbours import make; make(…)"`
"""

import json
from dataclasses import asdict, dataclass
from decimal import Decimal

from django.contrib.auth.models import User

from backoffice import roles
from backoffice.roles import Role
from pos.services import create_key
from receipts.models import Printer
from stores.models import Account, Store
from stores.services import register_store
from tests.end_to_end.station import Station

PASSWORD = "a-long-word-for-tests"


@dataclass(frozen=True)
class Neighbours:
    """`key` is that of Ana's controllers; her store has a printer that prints by itself."""

    ana: str
    ben: str
    store: int
    external_id: str
    key: str


def move_in(station: Station, printer_port: int) -> Neighbours:
    code = f"from tests.end_to_end.neighbours import make; make({printer_port})"
    return Neighbours(**json.loads(station.stack.manage("shell", "--no-imports", "-c", code)))


def make(printer_port: int) -> None:
    """Runs in the stack; prints what `move_in` reads."""
    number = Store.objects.count()
    hers, his = _store(f"HERS{number}"), _store(f"HIS{number}")
    Printer.objects.create(store=hers, name="Counter", host="127.0.0.1", port=printer_port, prints_automatically=True)
    made = Neighbours(
        ana=_manager(f"ana{number}", hers),
        ben=_manager(f"ben{number}", his),
        store=hers.pk,
        external_id=hers.external_id,
        key=create_key(name="Hers", store=hers),
    )
    print(json.dumps(asdict(made)))  # noqa: T201 - that is the answer


def _store(external_id: str) -> Store:
    return register_store(
        Account.objects.earliest("pk"),
        external_id=external_id, name=f"Station {external_id}", street="Caseros", number="3039", city="Belgrano",
        state="Capital Federal", latitude=Decimal("-34.6352"), longitude=Decimal("-58.4057"),
    )  # fmt: skip


def _manager(name: str, store: Store) -> str:
    person = User.objects.create_user(name, password=PASSWORD, is_staff=True)
    roles.give(person, Role.STATION_MANAGER)
    store.managers.add(person)
    return name
