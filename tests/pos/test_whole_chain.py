"""Three countries from an empty database to registered, with the commands that an operator types, and a crash in it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.simulator.process import ROOT, Simulator, wait_for

SELLERS = {"MLA": 178106235, "MLB": 334249281, "MCO": 662208785}
_LATER = (  # two minutes later: what the killed process had taken is free again
    "from datetime import timedelta; from django.utils import timezone\n"
    "from pos.models import PointOfSale; from stores.models import Store\n"
    "for model in (Store, PointOfSale): "
    "model.objects.due_to_register(timezone.now() + timedelta(minutes=3)).update("
    "registration_due_at=timezone.now())"
)


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    running = Simulator(tmp_path / "simulator.json")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def environment(simulator: Simulator, tmp_path: Path) -> dict[str, str]:
    ours = {"DEBUG": "on", "VAR_DIR": str(tmp_path / "var"), "DATABASE_URL": "", "REDIS_URL": ""}
    where = {"MERCADO_PAGO_API_URL": simulator.url, "MERCADO_LIBRE_API_URL": ""}
    tokens = {f"TOKEN_{site}": f"APP_USR-1-112326-abc-{user}" for site, user in SELLERS.items()}
    return os.environ | ours | where | tokens | {"DJANGO_SETTINGS_MODULE": "config.settings"}


def start(environment: dict[str, str], *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "manage.py", *arguments]
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=ROOT, env=environment, **pipes)


def manage(environment: dict[str, str], *arguments: str) -> str:
    process = start(environment, *arguments)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, out + err
    return out


def test_a_chain_of_three_countries_is_registered_once_although_its_import_was_killed(
    simulator: Simulator, environment: dict[str, str]
) -> None:
    def codes() -> list[str]:
        found = requests.get(f"{simulator.url}/simulator/codes", timeout=10).json()["codes"]
        return [code["external_pos_id"] for code in found]

    manage(environment, "migrate", "--no-input")
    for site, user in SELLERS.items():
        arguments = (f"--site={site}", f"--user-id={user}", f"--access-token-env=TOKEN_{site}")
        manage(environment, "create_account", *arguments)

    killed = start(environment, "import_chain", "docs/chain-example.csv")
    wait_for(lambda: len(codes()) > 10, within=60)
    killed.kill()
    _out, progress = killed.communicate()
    assert "of 135" in progress
    assert 10 < len(codes()) < 120

    manage(environment, "shell", "-c", _LATER)
    requests.put(f"{simulator.url}/simulator/chaos", json={"api_429": 0.05, "seed": 1}, timeout=10)
    resumed = json.loads(manage(environment, "register_pending", "--json"))
    assert (resumed["waiting"], resumed["refused_by_mercado_pago"]) == (0, [])
    assert len(codes()) == len(set(codes())) == 120
    again = json.loads(manage(environment, "import_chain", "docs/chain-example.csv", "--json"))
    assert (again["unchanged"], again["saved"], again["registered"]) == (120, 0, 0)
