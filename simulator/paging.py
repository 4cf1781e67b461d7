"""`limit` and `offset`, as Mercado Pago's lists take them."""

from collections.abc import Callable

from simulator.http import Call, Refusal
from simulator.world import Json

_DEFAULTS = {"limit": 30, "offset": 0}


def page(call: Call, rows: list[Json], *, show: Callable[[Json], Json] = dict, code: str = "INVALID_{}") -> Json:
    """{paging, results}; each row of the page as `show` tells it."""
    limit, offset = limit_and_offset(call, code=code)
    paging = {"total": len(rows), "offset": offset, "limit": limit}
    return {"paging": paging, "results": [show(row) for row in rows[offset : offset + limit]]}


def limit_and_offset(call: Call, *, code: str) -> tuple[int, int]:
    """`code` of the refusal may hold a {} for the name in capitals."""
    return _number(call, "limit", code), _number(call, "offset", code)


def _number(call: Call, name: str, code: str) -> int:
    text = call.query.get(name, str(_DEFAULTS[name]))
    if not text.isdecimal() or len(text) > 9:
        raise Refusal(400, code.format(name.upper()), f"{name} must be a number")
    return int(text)
