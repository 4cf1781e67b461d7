"""Dockerfile, compose.yaml, the units and the Procfile say the same, and linters have nothing to say."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.urls import reverse

from backoffice.settlement.runs import MOST_BYTES
from backoffice.uploads import AROUND_A_FILE
from tests.deploy import recipes
from tests.deploy.recipes import ROOT, UNITS, Process

PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
SETTINGS = {"POSTGRES_PASSWORD": "secret", "PUBLIC_URL": "https://pay.example.com"}
BIN = Path(sys.prefix) / "bin"


def said(process: Process) -> str:
    """Without where the program lies, and with the folder of the state as the Procfile writes it."""
    program, *rest = process.command
    return " ".join([Path(program).name, *rest]).replace("/var/lib/qr-unattended/", "${VAR_DIR:-var}/")


@pytest.mark.parametrize(
    ("name", "line"), [("web", "web"), ("web-2", "web"), ("worker", "worker"), ("beat", "beat"), ("migrate", "release")]
)
def test_compose_runs_what_the_procfile_says(name: str, line: str) -> None:
    assert said(recipes.service(name, SETTINGS)) == PROCFILE[line]


@pytest.mark.parametrize(
    ("name", "line"),
    [("web@", "web"), ("worker", "worker"), ("beat", "beat"), ("migrate", "release")],
)
def test_the_units_run_what_the_procfile_says(name: str, line: str) -> None:
    assert said(recipes.unit(f"qr-unattended-{name}.service")) == PROCFILE[line]


def test_the_page_and_compose_keep_the_simulators_state() -> None:
    keeps = "--port 8009 --state /var/lib/qr-unattended/simulator.json"
    assert keeps in recipes.compose()["services"]["simulator"]["command"]
    assert f"simulator {keeps}\n" in (ROOT / "docs" / "deploy.md").read_text()


def test_compose_tells_each_of_ours_the_same_and_keeps_it_small() -> None:
    services = recipes.compose()["services"]
    for name in ("web", "web-2", "worker", "beat", "migrate"):
        env = recipes.service(name, SETTINGS).env
        assert env["DATABASE_URL"] == "postgres://qr:secret@database:5432/qr"
        assert env["VAR_DIR"] == "/var/lib/qr-unattended"
        one = services[name]
        assert (one["read_only"], one["cap_drop"], one["volumes"]) == (True, ["ALL"], ["state:/var/lib/qr-unattended"])
    published = [port for one in services.values() for port in one.get("ports", [])]
    assert [port for port in published if not port.startswith("127.0.0.1:")] == ["80:80", "443:443"]


def test_a_password_that_is_not_set_is_asked_for() -> None:
    with pytest.raises(AssertionError, match=r"set it in production\.env"):
        recipes.service("web", {})


def test_the_image_is_nobodys_and_holds_all_that_runs_and_no_secret() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    taken = {line[1:] for line in lines if line.startswith("!")}
    assert lines[lines.index("*")] == "*"
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]
    assert {*packages} - {"tests"} <= taken
    assert {"manage.py", "requirements.txt", "templates", "locale", "ops", "docs/handbook"} <= taken
    assert not taken & {".", ".env", "production.env", "tests", "var", ".git"}
    assert [rest for name, rest in recipes.image().steps if name == "USER"] == ["10001:10001"]


def test_every_setting_of_the_example_is_one() -> None:
    example = (ROOT / "ops" / "production.env.example").read_text()
    known = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    compose = {"POSTGRES_PASSWORD", "SITE"}
    assert set(re.findall(r"^#? ?([A-Z_]+)=", example, re.M)) <= known | compose


@pytest.mark.parametrize(
    "command",
    [
        ["hadolint", "Dockerfile"],
        ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"],
        ["yamllint", "--strict", "--config-file", "ops/yamllint.yaml", "compose.yaml"],
    ],
    ids=lambda command: command[0],
)
def test_a_linter_has_nothing_to_say(command: list[str]) -> None:
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("script", ["manage", "backup.sh", "restore.sh"])
def test_a_script_is_sh_and_can_be_run(script: str) -> None:
    file = ROOT / "ops" / script
    assert file.stat().st_mode & 0o111
    subprocess.run(["/bin/sh", "-n", file], check=True)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A machine with the units, and with systemd's own."""
    root = tmp_path_factory.mktemp("root")
    shutil.copytree(UNITS, root / "etc" / "systemd" / "system", symlinks=True)
    own = root / "usr" / "lib" / "systemd" / "system"
    own.mkdir(parents=True)
    for file in Path("/usr/lib/systemd/system").glob("*.target"):
        shutil.copy(file, own)
    for name in (".venv/bin/gunicorn", ".venv/bin/celery", ".venv/bin/python", "ops/backup.sh"):
        program = root / "opt" / "qr-unattended" / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    return root


SERVICES = ["web@1", "worker", "beat", "migrate", "backup"]
needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd: apt-get install systemd")


@needs_systemd
def test_systemd_understands_every_line_of_the_units(root: Path) -> None:
    names = [f"qr-unattended-{name}.service" for name in SERVICES]
    command = ["systemd-analyze", "verify", f"--root={root}", "--man=no", "--recursive-errors=yes", *names]
    done = subprocess.run(
        [*command, "qr-unattended.target", "qr-unattended-web.socket", "qr-unattended-backup.timer"],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_can_do_little_but_its_work(root: Path, name: str) -> None:
    command = ["systemd-analyze", "security", "--offline=yes", f"--root={root}", "--json=short", "--threshold=20"]
    done = subprocess.run([*command, f"qr-unattended-{name}.service"], capture_output=True, text=True)
    open_doors = [row["name"] for row in json.loads(done.stdout) if row.get("set") is False]
    assert done.returncode == 0, open_doors


def test_the_proxy_takes_as_much_as_the_pages_behind_it() -> None:
    env = {"SITE": "pay.example.com", "UPSTREAMS": "127.0.0.1:8000", "PATH": "/usr/bin:/bin"}
    program = [str(BIN / "caddy"), "adapt", "--config", str(ROOT / "ops" / "Caddyfile")]
    adapted = json.loads(subprocess.run(program, env=env, capture_output=True, check=True, timeout=60).stdout)
    [site] = adapted["apps"]["http"]["servers"]["srv0"]["routes"]
    limits = [
        (route["match"], handler["max_size"])
        for route in site["handle"][0]["routes"]
        for handler in route["handle"]
        if handler["handler"] == "request_body"
    ]
    reports = [{"path": [reverse("admin:settlement")]}]
    assert limits == [(reports, MOST_BYTES + AROUND_A_FILE), ([{"not": reports}], 20_000_000)]
