"""The commands: they save and register, say what was refused, and go on after a stop."""

import json
import os
import signal
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from pos.management.progress import Progress
from pos.models import PointOfSale
from stores.models import Account, Store
from stores.registration import Registration
from tests.pos.chain import API, ROW, answers, table


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
