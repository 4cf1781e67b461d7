"""What a walk through the code costs, counted instead of timed: the same on a busy machine as on an idle one."""

import gc
import sys
import sysconfig
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

from django.db import connection
from django.test.utils import CaptureQueriesContext

_PROJECT: Final = f"{Path(__file__).parents[2]}/"
_LIBRARIES: Final = f"{sysconfig.get_path('purelib')}/"
_TRANSACTION: Final = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")

Act = Callable[[], None]


@dataclass(slots=True)
class Calls:
    """Calls of functions, Python's and C's: by the package they happen in, and one by one."""

    packages: Counter[str] = field(default_factory=Counter)
    functions: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.packages.total()


def calls_of(prepare: Callable[[], Act], *, warm: int = 3, runs: int = 3) -> Calls:
    """The least of some runs, after what is only done once was done: whatever else happens can only add."""
    for _run in range(warm):
        prepare()()
    return min((_count(prepare()) for _run in range(runs)), key=lambda calls: calls.total)


def queries_of(act: Act) -> list[str]:
    """The statements it sends, without those that only frame a transaction."""
    with CaptureQueriesContext(connection) as told:
        act()
    return [query["sql"] for query in told.captured_queries if not query["sql"].startswith(_TRANSACTION)]


def _count(act: Act) -> Calls:
    seen: Counter[tuple[CodeType, str]] = Counter()

    def see(frame: FrameType, event: str, what: Any) -> None:
        if event == "call":
            seen[frame.f_code, ""] += 1
        elif event == "c_call":
            seen[frame.f_code, what.__qualname__] += 1

    gc.collect()
    gc.disable()  # its finalizers would be counted where they happen to run
    before = sys.getprofile()
    sys.setprofile(see)
    try:
        act()
    finally:
        sys.setprofile(before)
        gc.enable()
    calls = Calls()
    for (code, of_c), number in seen.items():
        file = _file(code)
        calls.packages[_package(file)] += number
        calls.functions[f"{file} calls {of_c}" if of_c else f"{file}:{code.co_qualname}"] += number
    return calls


def _file(code: CodeType) -> str:
    name = code.co_filename
    for begin in (_LIBRARIES, _PROJECT):
        name = name.removeprefix(begin)
    return name if name[0] not in "/<" else f"python/{Path(name).name.strip('<>')}"


def _package(file: str) -> str:
    """`orders`, `rest_framework`, `django.db`; all of the standard library is `python`."""
    first, *rest = file.split("/")
    return f"{first}.{rest[0].removesuffix('.py')}" if first == "django" and rest else first.removesuffix(".py")
