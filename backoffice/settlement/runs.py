"""An upload on its way: kept in pieces, read by a worker in turns, each row once."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import islice
from time import monotonic

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from backoffice.models import Fate, Report, RowKind, SettlementPiece, SettlementRow, SettlementRun
from backoffice.settlement import columns, matching
from backoffice.settlement.columns import Parsed
from backoffice.settlement.reading import rows
from stores import leases
from stores.leases import Lease
from stores.models import Account

MOST_BYTES = 500 * 1024 * 1024
_PIECE = 1024 * 1024  # bytes
_BATCH = 500  # rows
_UNREADABLE = gettext_noop("The file cannot be read as CSV in UTF-8. Download it from Mercado Pago again.")


@transaction.atomic
def upload(file: "UploadedFile[bytes]", *, account: Account, user: AbstractBaseUser) -> SettlementRun:
    """Keep a file until a worker has read it. Raises ValidationError when its header is that of neither report."""
    run = SettlementRun.objects.create(
        account=account, user_id=user.pk, file_name=(file.name or "")[:200], due_at=timezone.now()
    )
    for content in file.chunks(_PIECE):
        SettlementPiece.objects.create(run=run, content=content)
    try:
        run.report, _names = columns.header(next(rows(run), []))
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValidationError(gettext(_UNREADABLE)) from error
    run.save()
    return run


def go_on(run_id: int, *, seconds: float) -> None:
    """Read on for so long at most. Each batch is saved with how far it is, so that a turn begins where one ended."""
    mine = SettlementRun.objects.filter(pk=run_id)
    lease = leases.take(mine)
    if lease is None:
        return  # another worker is at it
    run, end = mine.select_related("account").get(), monotonic() + seconds
    with lease.kept():
        try:
            reading = rows(run)
            report, names = columns.header(next(reading, []))
            for batch in _batches(enumerate(islice(reading, run.rows_read, None), start=run.rows_read + 1)):
                if not lease.renew():
                    return
                _save(run, report, names, batch)
                if monotonic() > end:
                    lease.give_back(timedelta())
                    return
        except (csv.Error, UnicodeDecodeError):
            run.problem = _UNREADABLE
        _finish(run, lease)


@transaction.atomic
def _finish(run: SettlementRun, lease: Lease) -> None:
    if lease.end(done_at=timezone.now(), problem=run.problem):
        SettlementPiece.objects.filter(run=run).delete()


@transaction.atomic
def _save(run: SettlementRun, report: Report, names: Sequence[str], batch: Sequence[tuple[int, list[str]]]) -> None:
    parsed: dict[str, Parsed] = {}
    broken: list[SettlementRow] = []
    for number, cells in batch:
        try:
            one = columns.read(report, number + 1, dict(zip(names, [*cells, *[""] * len(names)], strict=False)))
        except ValueError as error:
            broken.append(_broken(run, report, number + 1, cells, str(error)))
        else:
            if one is not None:
                parsed[one.key] = one
    keys = [*parsed, *(row.key for row in broken)]
    known = set(SettlementRow.objects.filter(account=run.account, key__in=keys).values_list("key", flat=True))
    new = matching.match(run, [one for key, one in parsed.items() if key not in known])
    new += [row for row in broken if row.key not in known]
    SettlementRow.objects.bulk_create(new, ignore_conflicts=True)
    run.rows_read, run.rows_new = batch[-1][0], run.rows_new + len(new)
    run.save(update_fields=["rows_read", "rows_new"])


def _broken(run: SettlementRun, report: Report, number: int, cells: Sequence[str], why: str) -> SettlementRow:
    zero = Decimal(0)
    said = Parsed(number, report, RowKind.OTHER, "|".join(cells), "", "", None, zero, zero, zero, zero, adds_up=False)
    return SettlementRow(
        run=run, account=run.account, key=said.key, report=report, number=number, kind=RowKind.OTHER,
        fate=Fate.NOT_UNDERSTOOD, note=why[:200],
    )  # fmt: skip


def _batches(numbered: Iterable[tuple[int, list[str]]]) -> Iterator[list[tuple[int, list[str]]]]:
    numbered = iter(numbered)
    while batch := list(islice(numbered, _BATCH)):
        yield batch
