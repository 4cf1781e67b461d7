from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from pos import official, printing
from pos.commands import find_pos, find_store
from pos.models import PointOfSale
from pos.posters.sizes import SIZES
from pos.printing import Printed
from stores.commands import ScriptableCommand, find_account


class Command(ScriptableCommand):
    help = (
        "Print the QR code posters of a point of sale, of a store or of whole accounts. PDF: one document for each "
        "store, a page for each point of sale; PNG and SVG: a file for each. What is missing of a code is fetched "
        "from Mercado Pago first. Of stores and accounts, points of sale that are switched off are left out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        owner = parser.add_mutually_exclusive_group()
        owner.add_argument("--pos", help="the point of sale's external id")
        owner.add_argument("--store", help="the store's external id")
        parser.add_argument(
            "--account",
            action="append",
            default=[],
            help="every store of this account, may be given several times; with --pos or --store: whose it is",
        )
        parser.add_argument("--output", type=Path, default=Path(), metavar="DIR", help="where to; default: here")
        parser.add_argument("--format", choices=printing.FORMATS, default="pdf")
        parser.add_argument("--size", choices=SIZES, default="a4", help="sticker: 80 × 100 mm")
        parser.add_argument(
            "--sheets", action="store_true", help="several stickers on each A4 page, with marks where to cut (PDF)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._failed = 0
        super().handle(*args, **options)
        if self._failed:
            raise CommandError(f"{self._failed} of the posters could not be printed; see skipped.")

    def act(self, **options: Any) -> dict[str, Any]:
        if options["sheets"] and (options["size"], options["format"]) != ("sticker", "pdf"):
            raise CommandError("--sheets is for --size sticker --format pdf", returncode=2)
        points = _points(options)
        folder = _folder(options["output"])
        reasons = {pos.pk: _prepare(pos) for pos in points}
        ready = [pos for pos in points if not reasons[pos.pk]]
        skipped = [
            {"store": pos.store.external_id, "pos": pos.external_id, "why": reasons[pos.pk]}
            for pos in points
            if reasons[pos.pk]
        ]
        self._failed = len(skipped)
        return {"files": [_save(folder, printed) for printed in _print(ready, options)], "skipped": skipped}


def _points(options: dict[str, Any]) -> list[PointOfSale]:
    """Which, in the order of their stores and names."""
    accounts = options["account"]
    if not (options["pos"] or options["store"] or accounts):
        raise CommandError("say what to print: --pos, --store or --account", returncode=2)
    if len(accounts) > 1 and (options["pos"] or options["store"]):
        raise CommandError("with --pos or --store give one --account only", returncode=2)
    account = accounts[0] if accounts else None
    if options["pos"]:
        return [find_pos(options["pos"], account)]
    wanted = PointOfSale.objects.filter(is_active=True).select_related("store__account")
    if options["store"]:
        wanted = wanted.filter(store=find_store(options["store"], account))
    else:
        wanted = wanted.filter(account__in=[find_account(key) for key in accounts], store__is_active=True)
    if not wanted:
        raise CommandError("There are no points of sale to print. Make one with register_pos.")
    return list(wanted.order_by("store__external_id", "external_id"))


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"--output {path}: {error.strerror}", returncode=2) from error
    return path


def _prepare(pos: PointOfSale) -> str:
    """Fetch its code if that is missing; why it cannot be printed, or nothing."""
    if pos.remote_id is not None and not official.has_code(pos):
        official.fetch(pos)
    return printing.why_not(pos)


def _print(ready: list[PointOfSale], options: dict[str, Any]) -> Iterator[Printed]:
    if options["format"] == "pdf" and not options["pos"]:
        return printing.by_store(ready, size=options["size"], on_sheets=options["sheets"])
    return printing.each(ready, size=options["size"], format=options["format"])


def _save(folder: Path, printed: Printed) -> dict[str, str]:
    path = folder / printed.name
    try:
        path.write_bytes(printed.content)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    return {"path": str(path), "pos": ", ".join(pos.external_id for pos in printed.points)}
