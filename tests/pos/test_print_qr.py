"""print_qr: what lies in the folder afterwards, what is said, and how it ends."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from pos.models import PointOfSale
from tests.codes import payload, picture
from tests.factories import AccountFactory, PosFactory, StoreFactory
from tests.pos.test_posters import codes_of


def run(folder: Path, *arguments: str) -> tuple[dict[str, Any], str]:
    """What it printed as JSON, and how it failed."""
    out, failure = StringIO(), ""
    try:
        call_command("print_qr", f"--output={folder}", "--json", *arguments, stdout=out)
    except CommandError as error:
        failure = f"{error.returncode} {error}"
    return json.loads(out.getvalue() or "{}"), failure


def made(store, n: int, **fields: Any) -> PointOfSale:
    fields = {"external_id": f"POS{n}", "remote_id": n, "qr_payload": payload(n)} | fields
    return PosFactory.create(store=store, **fields)


@pytest.fixture
def pumps(store) -> list[PointOfSale]:
    store.external_id = "STORE001"
    store.save()
    return [made(store, n) for n in (1, 2)]


def test_one_poster(pumps, tmp_path: Path) -> None:
    said, failure = run(tmp_path / "new" / "folder", "--pos=POS2", "--size=a6")
    assert (said["files"], said["skipped"], failure) == (
        [{"path": str(tmp_path / "new/folder/STORE001-POS2-a6.pdf"), "pos": "POS2"}], [], "",
    )  # fmt: skip
    assert codes_of((tmp_path / "new/folder/STORE001-POS2-a6.pdf").read_bytes()) == [[payload(2)]]


def test_a_whole_store_is_one_pdf(pumps, tmp_path: Path) -> None:
    said, failure = run(tmp_path, "--store=STORE001")
    assert (said["files"], failure) == ([{"path": str(tmp_path / "STORE001-a4.pdf"), "pos": "POS1, POS2"}], "")
    assert codes_of((tmp_path / "STORE001-a4.pdf").read_bytes()) == [[payload(1)], [payload(2)]]


@pytest.mark.parametrize("format", ["png", "svg"])
def test_pictures_are_a_file_for_each(pumps, tmp_path: Path, format: str) -> None:
    run(tmp_path, "--store=STORE001", f"--format={format}", "--size=sticker")
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"STORE001-POS1-sticker.{format}", f"STORE001-POS2-sticker.{format}"]


def test_stickers_on_sheets(pumps, tmp_path: Path) -> None:
    run(tmp_path, "--store=STORE001", "--size=sticker", "--sheets")
    [codes] = codes_of((tmp_path / "STORE001-stickers.pdf").read_bytes())
    assert sorted(codes) == [payload(1), payload(2)]


def test_several_accounts_have_their_numbers_in_the_names(pumps, tmp_path: Path) -> None:
    other = StoreFactory.create(external_id="STORE001", account=AccountFactory.create())
    made(other, 3, external_id="POS1")
    made(StoreFactory.create(), 4)  # of a third, who was not asked for
    accounts = [pumps[0].account, other.account]
    said, failure = run(tmp_path, *(f"--account={account.pk}" for account in accounts))
    assert failure == ""
    names = [f"{account.user_id}-STORE001-a4.pdf" for account in accounts]
    assert [Path(file["path"]).name for file in said["files"]] == names
    assert codes_of((tmp_path / names[1]).read_bytes()) == [[payload(3)]]


def test_one_name_in_two_accounts_is_two_points_of_sale(pumps, tmp_path: Path) -> None:
    other = StoreFactory.create(external_id="STORE002")
    made(other, 3, external_id="POS1", remote_id=None, qr_payload="")
    said, failure = run(tmp_path, f"--account={pumps[0].account.pk}", f"--account={other.account.pk}")
    assert [file["pos"] for file in said["files"]] == ["POS1, POS2"]
    assert [(one["store"], one["pos"]) for one in said["skipped"]] == [("STORE002", "POS1")]
    assert failure.startswith("1 ")


def test_the_account_says_whose_store_is_meant(pumps, tmp_path: Path) -> None:
    other = StoreFactory.create(external_id="STORE001")
    made(other, 3)
    assert run(tmp_path, "--store=STORE001")[1].startswith("2 Several accounts")
    said, _ = run(tmp_path, "--store=STORE001", f"--account={other.account.user_id}")
    assert [file["pos"] for file in said["files"]] == ["POS3"]


def test_what_is_switched_off_is_left_out_of_a_store_but_printed_by_name(pumps, tmp_path: Path) -> None:
    PointOfSale.objects.filter(external_id="POS1").update(is_active=False)
    assert run(tmp_path, "--store=STORE001")[0]["files"][0]["pos"] == "POS2"
    assert run(tmp_path, "--pos=POS1")[0]["files"][0]["pos"] == "POS1"


def test_what_is_missing_is_fetched_without_a_worker(store, tmp_path: Path, mercado_pago) -> None:
    url = "https://www.mercadopago.com/instore/merchant/qr/7/0977.png"
    pos = made(store, 7, qr_payload="", qr_image=url)
    mercado_pago.get(url, body=picture(payload(7)), content_type="image/png")
    said, failure = run(tmp_path, "--pos=POS7")
    assert (len(said["files"]), failure) == (1, "")
    pos.refresh_from_db()
    assert pos.qr_payload == payload(7)


def test_what_cannot_be_printed_is_said_and_the_others_are_printed(pumps, tmp_path: Path, mercado_pago) -> None:
    url = "https://www.mercadopago.com/instore/merchant/qr/4/0977.png"
    mercado_pago.get(url, status=503)
    made(pumps[0].store, 3, remote_id=None, registration="pending", qr_payload="")
    made(pumps[0].store, 4, qr_payload="", qr_image=url)
    said, failure = run(tmp_path, "--store=STORE001")
    assert failure == "1 2 of the posters could not be printed; see skipped."
    assert said["files"][0]["pos"] == "POS1, POS2"
    assert {one["pos"]: one["why"][:24] for one in said["skipped"]} == {
        "POS3": "It is being made known t",
        "POS4": "Its code could not be fe",
    }


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "2 say what to print"),
        (["--pos=POS1", "--account=1", "--account=2"], "2 with --pos"),
        (["--account=x"], "2 --account x"),
        (["--store=STORE001", "--sheets"], "2 --sheets is for"),
        (["--store=NOWHERE"], "1 There is no store NOWHERE"),
        (["--pos=NOWHERE"], "1 There is no point of sale NOWHERE"),
        (["--pos=POS1", "--store=STORE001"], "1 Error: argument --store: not allowed"),
        (["--pos=POS1", "--size=a3"], "1 Error: argument --size"),
    ],
)
def test_wrong_use_is_explained(pumps, tmp_path: Path, arguments: list[str], says: str) -> None:
    said, failure = run(tmp_path, *arguments)
    assert failure.startswith(says)
    assert list(tmp_path.iterdir()) == []
    assert said == {}


def test_an_empty_store_says_what_to_do(store, tmp_path: Path) -> None:
    assert "register_pos" in run(tmp_path, f"--store={store.external_id}")[1]


def test_a_folder_that_cannot_be_written_is_named(pumps, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert run(tmp_path / "file", "--pos=POS1")[1].startswith(f"2 --output {tmp_path / 'file'}")


def test_people_read_lines(pumps, tmp_path: Path) -> None:
    out = StringIO()
    call_command("print_qr", "--pos=POS1", f"--output={tmp_path}", stdout=out)
    assert f"path {tmp_path / 'STORE001-POS1-a4.pdf'} · pos POS1" in out.getvalue()
