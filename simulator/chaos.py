"""How badly this Mercado Pago behaves: the knobs, the rules of their values, and one set of dice.

It knows nothing of the world: the command checks a file of knobs with it before there is one.
"""

import random
from collections import Counter
from decimal import Decimal
from typing import Any, NamedTuple

API_FAULTS = ("api_500", "api_502", "api_429", "api_slow", "api_cut", "api_no_json", "api_other_json")
PROBABILITIES = (
    "notifications_dropped",
    "notifications_duplicated",
    "notifications_delayed",
    "notifications_reordered",
    *API_FAULTS,
    "orders_stuck_opened",
)
DELAYS = {"notification_delay": 5.0, "reorder_window": 0.5, "retry_after": 1.0, "slow": 2.0}  # seconds
_LONGEST = 600
_CALM: dict[str, Any] = dict.fromkeys(PROBABILITIES, 0.0) | DELAYS | {"seed": None}


class Wrong(ValueError):
    """Not a set of knobs. `code` is for machines; the text names the knob and what is allowed."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Fault(NamedTuple):
    """What happens to one call of the API. When it `is_done`, what was asked is carried out all the same."""

    name: str
    is_done: bool


def read(wanted: Any) -> dict[str, Any]:
    """All knobs, calm where nothing is said. Raises Wrong."""
    if not isinstance(wanted, dict):
        raise Wrong("invalid_chaos", f"an object is wanted, with any of {', '.join(_CALM)}")
    if unknown := [str(name) for name in wanted if name not in _CALM]:
        raise Wrong("unknown_name", f"{', '.join(unknown)}: not one of {', '.join(_CALM)}")
    knobs = _CALM | {name: _value(name, value) for name, value in wanted.items()}
    # Rounded, because 0.7 + 0.2 + 0.1 is a little more or less than 1 in binary.
    if round(sum(knobs[name] for name in API_FAULTS), 9) > 1:
        raise Wrong("invalid_api_faults", f"{' + '.join(API_FAULTS)}: at most 1 together")
    return knobs


def _value(name: str, value: Any) -> Any:
    if name == "seed":
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise Wrong("invalid_seed", "seed: a whole number, or null")
        return value
    highest = _LONGEST if name in DELAYS else 1
    if not _is_number(value) or not 0 <= value <= highest:
        raise Wrong(f"invalid_{name}", f"{name}: a number from 0 to {highest}{' seconds' if name in DELAYS else ''}")
    return float(value)


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return is_number and Decimal(value).is_finite()


_knobs = _CALM
_dice = random.Random()  # noqa: S311 - nothing secret hangs on it
happened: Counter[str] = Counter()  # how often each was so, since the start


def change(wanted: Any) -> dict[str, Any]:
    """Replace all knobs and take new dice; an equal seed throws equal numbers. Raises Wrong, then nothing changed."""
    global _knobs, _dice
    _knobs = read(wanted)
    _dice = random.Random(_knobs["seed"])  # noqa: S311 - as above
    return _knobs


def current() -> dict[str, Any]:
    return _knobs


def seconds(name: str) -> float:
    return float(_knobs[name])


def happens(name: str) -> bool:
    is_so = bool(_knobs[name]) and roll() < _knobs[name]
    happened[name] += is_so
    return is_so


def roll() -> float:
    """At least 0, below 1."""
    return _dice.random()


def pick_fault() -> Fault | None:
    """One die a call. Errors come half of the time before the call is carried out, half of the time after it."""
    knobs = _knobs
    if not any(knobs[name] for name in API_FAULTS):
        return None
    rolled = roll()
    for name in API_FAULTS:
        if rolled < knobs[name]:
            happened[name] += 1
            is_late = rolled >= knobs[name] / 2
            return Fault(name, is_done=name != "api_429" and (is_late or name not in ("api_500", "api_502")))
        rolled -= knobs[name]
    return None
