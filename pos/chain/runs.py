"""An upload on its way: judged, confirmed, saved by a worker in turns."""

from collections.abc import Iterator
from datetime import timedelta
from time import monotonic

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from pos.chain import columns, sheets
from pos.chain.columns import Row
from pos.chain.plan import Plan, plan
from pos.chain.saving import save
from pos.models import ImportRun, PointOfSale
from stores import leases
from stores.models import Store


def upload(content: bytes, *, file_name: str, user: AbstractBaseUser) -> ImportRun:
    """Keep the rows of a file until they are confirmed. Raises ValidationError when it is no such table."""
    rows = columns.table(sheets.read(content))
    ImportRun.objects.abandoned().delete()
    return ImportRun.objects.create(user_id=user.pk, file_name=file_name[:200], rows=rows)


def rows_of(run: ImportRun) -> list[Row]:
    return [(number, cells) for number, cells in run.rows]


def confirm(run: ImportRun, planned: Plan) -> bool:
    """Have a worker save it. False, and nothing done, when a row is refused or it was confirmed before."""
    if planned.refused:
        return False
    now, waiting = timezone.now(), ImportRun.objects.filter(pk=run.pk, confirmed_at=None)
    return bool(waiting.update(confirmed_at=now, due_at=now, to_save=planned.to_save))


def go_on(run_id: int, *, seconds: float) -> None:
    """Save of it for so long at most. What was saved in earlier turns is unchanged now, so each turn has the rest."""
    mine = ImportRun.objects.filter(pk=run_id)
    lease = leases.take(mine)
    if lease is None:
        return  # another worker is at it
    run, end = mine.get(), monotonic() + seconds
    with lease.kept():
        planned = plan(rows_of(run))
        saving = save(planned)
        while lease.renew() and _save_next(run, saving):
            if monotonic() > end:
                lease.give_back(timedelta())
                return
        problems = [[one.number, one.store, one.pos, one.why] for one in planned.refused]
        lease.end(problems=problems, rows=[])


@transaction.atomic
def _save_next(run: ImportRun, saving: Iterator[Store | PointOfSale]) -> bool:
    """Save one and note that it is this import's, both or neither: it would count for nobody's afterwards."""
    saved = next(saving, None)
    if isinstance(saved, Store):
        run.stores.add(saved)
    elif saved:
        run.points_of_sale.add(saved)
    return saved is not None
