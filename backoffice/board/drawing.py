"""The tiles as HTML. By Python: a template takes longer for two hundred of them than for all the rest of their page."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from backoffice.board.tiles import Tile

# `board.js` fills the slots anew, and shows and hides them.
_TILE: Final = """<li class="tile" data-id="{id}" data-state="{state}"><a href="{url}">
<span class="who"><svg class="sign" aria-hidden="true"><use href="#sign-{state}"></use></svg>\
<span class="name" data-slot="name">{name}</span><span class="code" data-slot="code">{code}</span></span>
<span class="word" data-slot="word">{word}</span>
<span class="amount" data-slot="amount"{wide}{no_amount}>{amount}</span>
<span class="times"><span class="time"{no_since}><span class="sr">{so_far} </span>\
<span data-since="{since}">{waited}</span></span>\
<span class="time"{no_until}><span data-until="{until}">{left}</span> {is_left}</span></span>
<span class="note" data-slot="note"{no_note}>{note}</span>
<span class="note" data-slot="detail"{no_detail}>{detail}</span>
<span class="mark"{no_mark}><span aria-hidden="true">! </span><span data-slot="mark">{mark}</span></span>
</a></li>
"""
_NAMES: Final = tuple(field.name for field in fields(Tile))
_MAY_BE_EMPTY: Final = ("amount", "since", "until", "note", "detail", "mark")
_HIDDEN, _WIDE = mark_safe(" hidden"), mark_safe(" data-wide")
_WIDE_FROM: Final = 10  # characters of an amount


def draw(tiles: Iterable[Tile]) -> SafeString:
    words = _words()
    return format_html_join("", _TILE, (_parts({n: getattr(tile, n) for n in _NAMES}) | words for tile in tiles))


def draw_blank() -> SafeString:
    """What the page's script makes another tile from."""
    return format_html(_TILE, **_parts(dict.fromkeys(_NAMES) | {"state": "idle"}), **_words())


def _words() -> dict[str, object]:
    return {"so_far": _("Time so far:"), "is_left": _("left")}


def _parts(told: dict[str, object]) -> dict[str, object]:
    parts = {name: "" if value is None else value for name, value in told.items()}
    hidden = {f"no_{name}": "" if parts[name] else _HIDDEN for name in _MAY_BE_EMPTY}
    return parts | hidden | {"wide": _WIDE if len(str(parts["amount"])) >= _WIDE_FROM else ""}
