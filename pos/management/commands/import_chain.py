from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from pos.chain import columns, sheets
from pos.chain.plan import Plan, plan
from pos.chain.saving import save
from pos.chain.verdicts import Verdict, count
from pos.management.registering import RegisteringCommand, Where


class Command(RegisteringCommand):
    help = "Make or change the stores and points of sale of a CSV or XLSX file (docs/import.md), and register them."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="the table: a row is a point of sale with its store")
        parser.add_argument("--dry-run", action="store_true", help="only show what becomes of each row")
        parser.add_argument("--skip-refused", action="store_true", help="save the good rows although others are bad")
        parser.add_argument("--no-register", action="store_true", help="leave it to the worker to tell Mercado Pago")

    def act(self, **options: Any) -> dict[str, Any]:
        planned = plan(columns.table(sheets.read(_content(options["file"]))))
        if planned.refused:
            self.fail(_refusal(len(planned.refused), saves=options["skip_refused"] and not options["dry_run"]))
        if options["dry_run"]:
            return count(planned.verdicts) | {"rows": [_shown(verdict) for verdict in planned.verdicts]}
        if planned.refused and not options["skip_refused"]:
            return count(planned.verdicts) | {"saved": 0, "refused_rows": [_shown(one) for one in planned.refused]}
        return self._save(planned, is_told=not options["no_register"])

    def _save(self, planned: Plan, *, is_told: bool) -> dict[str, Any]:
        bar, saved, known = self.bar(planned.to_save), 0, len(planned.refused)
        for saved, _row in enumerate(save(planned), start=1):
            bar.show(saved, "saving")
        bar.end()
        if len(planned.refused) > known:
            self.fail(f"{len(planned.refused) - known} more rows were refused while they were saved.")
        told = self.register(planned.accounts, _numbers(planned)) if is_told else {}
        return (
            count(planned.verdicts) | {"saved": saved, "refused_rows": [_shown(one) for one in planned.refused]} | told
        )


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size <= sheets.MOST_BYTES:
            return file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from error
    raise ValidationError(sheets.TOO_LARGE)


def _refusal(refused: int, *, saves: bool) -> str:
    rows = f"{refused} row{'s are' if refused > 1 else ' is'} refused"
    if saves:
        return f"{rows}: correct and import the file again; rows that are saved already stay as they are."
    return f"{rows}, so nothing is saved. Correct the file, or save the good rows with --skip-refused."


def _shown(verdict: Verdict) -> dict[str, Any]:
    shown = {
        "row": verdict.number,
        "account": verdict.account,
        "store": verdict.store,
        "pos": verdict.pos,
        "fate": verdict.fate.value,
        "what": verdict.what,
        "why": verdict.why,
    }
    return {name: value for name, value in shown.items() if value != ""}


def _numbers(planned: Plan) -> dict[Where, int]:
    """Where the file says what."""
    found: dict[Where, int] = {}
    for store in planned.stores:
        found |= {(store.account.pk, store.external_id, one.pos): one.number for one in store.rows if one.pos}
        found[store.account.pk, store.external_id, ""] = store.verdict.number
    return found
