"""What docs/deploy.md tells root to type: with services that only say they were asked, on databases of a test's own."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import psycopg
import pytest
from django.conf import settings

from tests.deploy import recipes
from tests.deploy.recipes import ROOT

# root becomes who may; here whoever runs the tests may already.
_MACHINE = """
sudo() { shift 2; "$@"; }
systemctl() { echo "systemctl $*"; }
redis-cli() { echo "redis-cli $*"; }
"""


@dataclass
class Room:
    """A database of a role that may nothing else, and the folders beside it."""

    name: str
    url: str
    root: Path
    login: dict[str, Any]

    @property
    def backups(self) -> Path:
        return self.root / "var/backups/qr-unattended"

    def type(self, kind: str) -> str:
        """The page's only block of that kind; `qr` is the database and its role there."""
        [block] = recipes.blocks("deploy.md", kind)
        block = re.sub(r"\bqr(_aside)?\b(?!-)", rf"{self.name}\1", block).replace("/var/", f"{self.root}/var/")
        env = {f"PG{name.upper()}": str(value) for name, value in self.login.items()} | {"PGDATABASE": "postgres"}
        return _run(["/bin/bash", "-euc", _MACHINE + block], env)[0]

    def script(self, name: str, *arguments: object, var: Path | None = None) -> tuple[str, str]:
        env = {"DATABASE_URL": self.url, "VAR_DIR": str(var or self.root / "var/lib/qr-unattended")}
        return _run([str(ROOT / "ops" / name), *map(str, arguments)], env)

    def sql(self, query: str) -> list[Any]:
        with psycopg.connect(self.url) as connection:
            done = connection.execute(query)
            return done.fetchall() if done.description else []


def _run(command: list[str], env: dict[str, str]) -> tuple[str, str]:
    path = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
    done = subprocess.run(command, env=path | env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout, done.stderr


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """As after 2a, with a row in the database and a drawing in the folder."""
    database, name, password = settings.DATABASES["default"], f"qr_test_{token_hex(4)}", token_hex(8)
    login = {key: database[key.upper()] for key in ("host", "port", "user", "password") if database[key.upper()]}
    url = f"postgres://{name}:{password}@{login.get('host', '')}:{login.get('port', 5432)}/{name}"
    with psycopg.connect(dbname="postgres", autocommit=True, **login) as server:
        server.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
        server.execute(f"CREATE DATABASE {name} OWNER {name}")
        room = Room(name, url, tmp_path, login)
        room.sql("CREATE TABLE sales AS SELECT 7 AS litres")
        drawing = tmp_path / "var/lib/qr-unattended/media/receipts/1.pdf"
        drawing.parent.mkdir(parents=True)
        drawing.write_text("a receipt")
        room.backups.mkdir(parents=True)
        try:
            yield room
        finally:
            for one in (name, f"{name}_aside"):
                server.execute(f"DROP DATABASE IF EXISTS {one} WITH (FORCE)")
            server.execute(f"DROP ROLE {name}")


@pytest.mark.postgresql
def test_nothing_of_the_trial_is_left_and_the_services_may_begin_anew(room: Room) -> None:
    room.script("backup.sh", room.backups)
    asked = room.type("empty").splitlines()
    assert asked[0] == "systemctl stop qr-unattended-backup.* qr-unattended.target"
    assert asked[-1] == "systemctl start qr-unattended.target qr-unattended-backup.timer"
    assert [file for top in ("lib", "backups") for file in (room.root / f"var/{top}/qr-unattended").iterdir()] == []
    room.sql("CREATE TABLE sales AS SELECT 8 AS litres")  # the schema is the role's


@pytest.mark.postgresql
def test_a_backup_comes_back_into_the_database_that_the_page_makes(room: Room, tmp_path: Path) -> None:
    made = room.script("backup.sh", room.backups)[0].strip()
    room.type("restore")
    # The hourly one may run on meanwhile: of nothing it makes nothing.
    with pytest.raises(AssertionError, match="The database has no tables"):
        room.script("backup.sh", room.backups)
    assert (room.backups / "latest").resolve() == Path(made)
    assert [file.name for file in room.backups.iterdir() if file.name.startswith(".")] == []

    with pytest.raises(AssertionError, match="VAR_DIR cannot be written"):
        room.script("restore.sh", made, var=Path("/dev/null/nowhere"))
    assert room.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]  # so it can be done again

    _said, complained = room.script("restore.sh", made, var=tmp_path / "new")
    assert complained == ""
    assert room.sql("SELECT litres FROM sales") == [(7,)]
    assert room.sql("SELECT reltuples FROM pg_class WHERE relname = 'sales'") == [(1,)]
    assert (tmp_path / "new/media/receipts/1.pdf").read_text() == "a receipt"


@pytest.mark.parametrize("failing", ["restart qr-unattended-web@1", "start qr-unattended-migrate", "daemon-reload"])
def test_a_release_ends_at_the_step_that_fails(failing: str) -> None:
    [block] = recipes.blocks("deploy.md", "release")
    quiet = "".join(f"{name}() {{ :; }}\n" for name in ("git", "cd", "python3", "ln", "cp", "curl"))
    packages = "".join(f".venv/bin/{name}() {{ :; }}\n" for name in ("pip", "python"))
    systemctl = f'systemctl() {{ echo "$*"; [ "$*" != "{failing}" ]; }}\n'
    typed = quiet + packages + systemctl + block
    done = subprocess.run(
        ["/bin/bash", "-c", typed], env={"PATH": "/nowhere"}, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert done.stdout.splitlines()[-1] == failing
