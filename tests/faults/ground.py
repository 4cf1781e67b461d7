"""Where faults happen: the processes of the Procfile, on a PostgreSQL and a Redis of their own, with a supervisor."""

import contextlib
import json
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import environ
from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone

from tests.end_to_end.station import Pump, Station, open_on
from tests.faults.certificates import Authority
from tests.faults.services import PostgreSQL, Redis, services
from tests.receipts.printer import READY, Printer, printer


@dataclass
class Books(Station):
    """A station whose rows are read here: Django in this process has its database, as who may do everything."""

    def records(self, model: str) -> dict[int, dict[str, Any]]:
        from django.apps import apps
        from django.core import serializers
        from django.db import connection

        connection.close()  # the database may have been away
        rows = serializers.serialize("python", apps.get_model(model).objects.all())
        return {row["pk"]: row["fields"] for row in rows}


@dataclass
class Ground:
    """All that can be broken, and what sells on it."""

    station: Station
    postgresql: PostgreSQL
    redis: Redis
    authority: Authority
    printer: Printer
    signs: Path  # how a test speaks to the product's processes
    receipts: Path
    receipts_are_mounted: bool
    pumps: list[Pump] = field(default_factory=list)


class Supervisor:
    """Starts again what ended: what systemd, or a platform that reads the Procfile, does. Nobody else lends a hand."""

    def __init__(self, station: Station) -> None:
        self._stack = station.stack
        self._is_over = Event()
        self._thread = Thread(target=self._look_after, daemon=True)
        self.starts: Counter[str] = Counter()

    def __enter__(self) -> "Supervisor":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _look_after(self) -> None:
        while not self._is_over.wait(0.5):
            for name in self._stack.ended():
                self.starts[name] += 1
                self._stack.start(name)


@contextlib.contextmanager
def open_ground(*, pumps: int, receipts_on: str = "", with_tls: bool = True) -> Iterator[Ground]:
    """A station on services of its own; once in a process, whose Django gets its database."""
    with (
        tempfile.TemporaryDirectory(prefix="qr-unattended-faults-") as name,
        services(Path(name)) as (postgresql, to_redis),
        printer(status=dict(READY)) as paper,
    ):
        var, signs = Path(name) / "var", Path(name) / "signs"
        var.mkdir()
        signs.mkdir()
        authority = Authority(signs)
        _set_up(postgresql.admin_url)
        with _receipts(var, receipts_on) as (receipts, are_mounted):
            env = {
                "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
                "FAULTS_DIR": str(signs),
                "DATABASE_URL": postgresql.url,
                "REDIS_URL": to_redis.url,
                "RECEIPTS_STORAGE_URL": receipts.as_uri(),
                "REQUESTS_CA_BUNDLE": str(authority.file),  # for the demo's own calls
                "LOG_LEVEL": "WARNING",
                "SECRET_KEY": settings.SECRET_KEY,
                "FIELD_ENCRYPTION_KEYS": ",".join(settings.FIELD_ENCRYPTION_KEYS),  # secrets are read here, too
                # As in a deployment: with it Django remembers thousands of statements of each thread, for hours.
                "DEBUG": "off",
            }
            tls = authority.server() if with_tls else None
            with open_on(var, env, tls=tls) as running, Supervisor(running):
                station = Books(**vars(running))
                _install(paper)
                ground = Ground(station, postgresql, to_redis, authority, paper, signs, receipts, are_mounted)
                ground.pumps = _register(station, pumps)
                try:
                    yield ground
                except BaseException:
                    print(station.stack.last_words())  # noqa: T201 - this is a program
                    raise


def _set_up(database_url: str) -> None:
    """This process, too, looks at that database: Django was set up before there was one."""
    connections.settings = connections.configure_settings({"default": environ.Env.db_url_config(database_url)})
    with contextlib.suppress(AttributeError):  # nobody has used it yet
        del connections["default"]


@contextlib.contextmanager
def _receipts(var: Path, size: str) -> Iterator[tuple[Path, bool]]:
    """The folder for drawn receipts: a small disk of its own, where this machine lets us mount one."""
    folder = var / "receipts"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "receipts", str(folder)]
    are_mounted = bool(size) and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield folder, are_mounted
    finally:
        if are_mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)  # noqa: S607


def _install(paper: Printer) -> None:
    from receipts.models import Printer as Registered
    from stores.models import Store

    yesterday = timezone.now() - timedelta(days=1)  # also by a clock that is an hour behind
    Registered.objects.create(
        store=Store.objects.get(), name="Counter", host=paper.host, port=paper.port, prints_automatically=True,
        automatic_since=yesterday,
    )  # fmt: skip


def _register(station: Station, how_many: int) -> list[Pump]:
    """With one command for all: starting one takes a second."""
    code = f"from tests.faults.ground import stand; stand({how_many})"
    made = json.loads(station.stack.manage("shell", "--no-imports", "-c", code))
    return [Pump(station, external_id, poll_url, station.key) for external_id, poll_url in made]


def stand(how_many: int) -> None:
    """Runs in the stack; prints what `_register` reads."""
    from pos.services import register_pos
    from stores.models import Store

    store = Store.objects.get()
    names = [f"STAND{number:04}" for number in range(1, how_many + 1)]
    made = [register_pos(store, external_id=name, name=name, category="gas_station") for name in names]
    print(json.dumps([(pos.external_id, pos.poll_url) for pos in made]))  # noqa: T201 - that is the answer


def hang() -> None:
    """Runs in the stack, and for ever."""
    from orders.models import Order
    from receipts.models import ReceiptBook

    with transaction.atomic():
        list(ReceiptBook.objects.select_for_update())
        list(Order.objects.select_for_update().values_list("pk"))
        Event().wait()
