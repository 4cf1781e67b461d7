"""What the commands share that tell Mercado Pago of many: a bar, a stop that loses nothing, the refusals at the end."""

import logging
import signal
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event
from typing import Any

from django.core.management.base import CommandError

from pos.chain.registering import outcomes, register_all, to_tell
from pos.chain.standing import Standing
from pos.management.progress import Progress
from pos.models import PointOfSale
from stores.commands import ScriptableCommand
from stores.models import Account
from stores.refusals import WAITS
from stores.registration import Registered, Registration

Where = tuple[int, str, str]  # account, external ids of store and point of sale ("" for a store)


class RegisteringCommand(ScriptableCommand):
    """Ends with 1 when not all is well, after it said so like any other result."""

    failure = ""

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if self.failure:
            raise CommandError(self.failure)

    def register(self, accounts: list[Account], row_numbers: Mapping[Where, int] | None = None) -> dict[str, Any]:
        """Tell Mercado Pago of what waits of the accounts; what came of it, by name."""
        PointOfSale.objects.filter(account__in=accounts).try_again()
        waited = {(type(row), row.pk) for row in to_tell(accounts)}
        with _interruptible() as stop:
            self._watch(register_all(accounts, stop=stop), len(waited))
            was_stopped = stop.is_set()
        unknown = list(outcomes(accounts))
        held = [row for row in unknown if _is_held(row)]
        waiting = [row for row in unknown if not _is_held(row)]
        not_enabled = [row for row in held if row.registration == Registration.HOST_NOT_ENABLED]
        refused = [row for row in held if row not in not_enabled]
        self._judge(len(waiting), len(refused), was_stopped)
        if not_enabled:
            self.fail(f"{len(not_enabled)} wait for Mercado Pago to enable our host: {not_enabled[0].outcome}")
        return {
            "registered": len(waited - {(type(row), row.pk) for row in unknown}),
            "waiting": len(waiting),
            "why_waiting": _reasons(waiting),
            "host_not_enabled": len(not_enabled),
            "refused_by_mercado_pago": [_told(row, row_numbers or {}) for row in refused],
        }

    def bar(self, total: int) -> Progress:
        wrapper: Any = self.stderr
        return Progress(wrapper._out, total)

    def _judge(self, waiting: int, refused: int, was_stopped: bool) -> None:
        if waiting and was_stopped:
            self.fail(f"Stopped: {waiting} still to be registered. Nothing is lost: go on with register_pending.")
        elif waiting:
            self.fail(f"{waiting} still to be registered: a worker goes on with them, or register_pending.")
        if refused:
            self.fail(f"Mercado Pago refuses {refused}: correct them, and import or save them again.")

    def fail(self, sentence: str) -> None:
        self.failure = f"{self.failure} {sentence}".strip()

    def _watch(self, standings: Iterator[Standing], total: int) -> None:
        bar = self.bar(total)
        for now in standings:
            bar.show(max(total - now.waiting, 0), _note(now) if now.waiting else "")
        bar.end()


def _note(now: Standing) -> str:
    if now.pause:
        return f"Mercado Pago asks for a pause of {now.pause} s"
    # Tried in vain, or taken by a process that was killed.
    return f"the next try is in {now.rest} s" if now.rest else ""


def _is_held(row: Registered) -> bool:
    """Whether it waits for a person."""
    if isinstance(row, PointOfSale) and row.registration_code == "STORE_FIRST":
        return row.store.registration == Registration.REFUSED
    return row.registration != Registration.PENDING


def _told(row: Registered, row_numbers: Mapping[Where, int]) -> dict[str, Any]:
    """What it is, in which row, and why it is not registered."""
    store: Any = row.store if isinstance(row, PointOfSale) else row
    pos = row.external_id if isinstance(row, PointOfSale) else ""
    number = row_numbers.get((store.account_id, store.external_id, pos))
    said = {"row": number, "store": store.external_id, "pos": pos, "why": str(row.outcome)}
    return {name: value for name, value in said.items() if value not in (None, "")}


def _reasons(waiting: Iterable[Registered]) -> list[dict[str, Any]]:
    """Of those that were tried in vain."""
    counted = Counter(row.registration_code for row in waiting if row.registration_code in WAITS)
    return [{"rows": number, "why": str(WAITS[code])} for code, number in counted.items()]


@contextmanager
def _interruptible() -> Iterator[Event]:
    """An event that Ctrl-C or SIGTERM sets; a second one ends the process as usual."""
    stop = Event()
    before: dict[int, Any] = {}

    def ask(number: int, _frame: object) -> None:
        stop.set()
        signal.signal(number, before[number])

    # What these warn of is in the rows, and told at the end: it must not break into the bar.
    loggers = {logging.getLogger(name): 0 for name in ("stores.registering", "urllib3.connectionpool")}
    for logger in loggers:
        loggers[logger] = logger.level
        logger.setLevel(logging.ERROR)
    before |= {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for logger, level in loggers.items():
            logger.setLevel(level)
        for number, handler in before.items():
            signal.signal(number, handler)
