"""The steps from a delivery to its paper at which a process can be killed: all of them, in their order.

A point is armed by a file with its name. Whoever can delete that file has come there first, and is gone at once:
SIGKILL, nothing gets to tidy up. So each point kills one process, once.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

Process = Literal["web", "worker", "drawer", "beat"]


@dataclass(frozen=True, slots=True)
class KillPoint:
    """Before or after a call of `target`, which is looked up where it is called from."""

    name: str
    process: Process
    when: Literal["before", "after"]
    target: str
    prints_perhaps: bool = False  # once the first byte may have left, a person decides about the paper


KILL_POINTS = (
    # The web's process takes the delivery.
    KillPoint("delivery not stored yet", "web", "before", "notifications.inbox.keep"),
    KillPoint("delivery stored, not answered", "web", "after", "notifications.inbox.keep"),
    KillPoint("delivery answered, no worker told", "web", "before", "notifications.tasks.doorbell._wake"),
    # The worker follows it.
    KillPoint("delivery taken", "worker", "before", "notifications.services.process"),
    KillPoint("before Mercado Pago is asked", "worker", "before", "gateway.client.Client.get_merchant_order"),
    KillPoint("after Mercado Pago has answered", "worker", "after", "gateway.client.Client.get_merchant_order"),
    KillPoint("order locked", "worker", "after", "orders.lookups.LOCKED"),
    KillPoint("merchant order written", "worker", "after", "orders.settlement.record_merchant_orders"),
    KillPoint("order closed, not committed", "worker", "after", "orders.settlement.announce_changes"),
    KillPoint("committed, receipt not rung for", "worker", "before", "receipts.tasks.doorbell.ring"),
    KillPoint("receipt rung for, drawer not told", "worker", "before", "receipts.tasks.doorbell._wake"),
    KillPoint("drawer told", "worker", "after", "receipts.tasks.doorbell._wake"),
    KillPoint("order followed, delivery not marked", "worker", "after", "notifications.services._work"),
    KillPoint("delivery marked, message not acknowledged", "worker", "after", "notifications.services.process"),
    # Its drawer makes the receipt.
    KillPoint("receipt's message taken", "drawer", "before", "receipts.services.issue"),
    KillPoint("receipt's number taken, no row", "drawer", "before", "receipts.services._begin"),
    KillPoint("receipt frozen, not committed", "drawer", "after", "receipts.services._finish"),
    KillPoint("receipt numbered, not drawn", "drawer", "before", "receipts.services.draw"),
    KillPoint("drawn, no file stored", "drawer", "before", "receipts.files.put"),
    KillPoint("one file stored, others not", "drawer", "after", "receipts.files.put"),
    KillPoint("files stored, rows not committed", "drawer", "before", "receipts.drawing.announce"),
    KillPoint("drawn, nothing asked to be printed", "drawer", "before", "receipts.tasks.print_new"),
    KillPoint("print job made, printer not woken", "drawer", "after", "receipts.printing.print_automatically"),
    KillPoint("print job held, no byte sent", "drawer", "before", "receipts.spooling.print_on_network"),
    KillPoint("while printing", "drawer", "after", "receipts.spooling.start", prints_perhaps=True),
    KillPoint("printed, not noted", "drawer", "before", "receipts.spooling.finish", prints_perhaps=True),
    # Beat wakes what nobody was woken for.
    KillPoint("sweep due, not sent", "beat", "before", "celery.beat.Scheduler.apply_async"),
    KillPoint("sweep sent, not remembered", "beat", "after", "celery.beat.Scheduler.apply_async"),
    KillPoint("schedule about to be written", "beat", "before", "celery.beat.PersistentScheduler.sync"),
)


def install(folder: Path) -> None:
    """Have this process look for armed points in that folder."""
    for point in KILL_POINTS:
        owner, name = _find(point.target)
        setattr(owner, name, _watched(getattr(owner, name), point, folder))


def arm(point: KillPoint, folder: Path) -> None:
    _file(point, folder).touch()


def has_killed(point: KillPoint, folder: Path) -> bool:
    """Somebody, since it was armed."""
    return not _file(point, folder).exists()


def _file(point: KillPoint, folder: Path) -> Path:
    return folder / f"kill at {point.name}"


def _watched(call: Callable[..., Any], point: KillPoint, folder: Path) -> Callable[..., Any]:
    file = _file(point, folder)

    @wraps(call)
    def watched(*args: Any, **kwargs: Any) -> Any:
        if point.when == "before":
            _die_if_armed(file)
        result = call(*args, **kwargs)
        if point.when == "after":
            _die_if_armed(file)
        return result

    return watched


def _die_if_armed(file: Path) -> None:
    try:
        file.unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def _find(target: str) -> tuple[Any, str]:
    """What holds a name, and that name: a module, or something in one."""
    path, _dot, name = target.rpartition(".")
    inside: list[str] = []
    while True:
        try:
            owner = import_module(path)
            break
        except ModuleNotFoundError:
            path, _dot, last = path.rpartition(".")
            inside.insert(0, last)
    for one in inside:
        owner = getattr(owner, one)
    return owner, name
