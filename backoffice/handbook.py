"""The manager's handbook: Markdown files under `docs/handbook`, a folder for each language, the same names in each."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

ROOT: Final = Path(settings.ROOT) / "docs" / "handbook"
PICTURES: Final = Path(settings.ROOT) / "docs" / "screenshots"
LANGUAGES: Final = ("en", "es", "pt-br")  # of which the first is for readers of any other
WIDE, NARROW = 1280, 390
_PICTURE: Final = re.compile(r"\.\./\.\./screenshots/([a-z-]+)/\d+/([a-z-]+)\.png")
_CHAPTER: Final = re.compile(r"([0-9a-z-]+)\.md")

# Which page explains a page of the back-office, by the beginning of the name of its address; the first one that fits.
_EXPLAINED: Final[Mapping[str, str]] = {
    "two_factor": "01-entrance",
    "password_change": "01-entrance",
    "index": "02-home",
    "board": "03-board",
    "timeline": "04-why",
    "attention": "05-queue",
    "backoffice_alarm": "02-home",
    "orders_refund": "06-refunds",
    "orders_order": "06-refunds",
    "orders_payment": "06-refunds",
    "receipts_": "07-paper",
    "closing": "08-closing",
    "settlement": "09-reports",
    "backoffice_settlement": "09-reports",
    "orders_audit": "09-reports",
    "orders_difference": "09-reports",
    "auth_": "10-setting-up",
    "pos_": "10-setting-up",
    "stores_": "10-setting-up",
    "chain_": "10-setting-up",
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """A page of the handbook; `name` is that of its file, and of its address."""

    name: str
    title: str


def language_for(wanted: str) -> str:
    """The handbook's language for a reader of `wanted`."""
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


def chapters(language: str) -> Sequence[Chapter]:
    """All of them, in their order."""
    return [Chapter(file.stem, _title(file)) for file in sorted((ROOT / language).glob("*.md"))]


def render(language: str, name: str) -> SafeString:
    """A chapter below its title. Raw HTML in it is shown as text."""
    tokens = _parser().parse((ROOT / language / f"{name}.md").read_text())
    html = _parser().renderer.render(tokens[3:], _parser().options, {"language": language})
    return SafeString(html)  # made by the parser, which lets no HTML through


def chapter_about(address: str) -> str:
    """The name of the chapter that explains the page with this name of an address; nothing when none does."""
    return next((chapter for begin, chapter in _EXPLAINED.items() if address.startswith(begin)), "")


def _title(file: Path) -> str:
    with file.open() as lines:
        return lines.readline().removeprefix("# ").strip()


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.add_render_rule("image", _image)
    parser.add_render_rule("link_open", _link)
    parser.add_render_rule("table_open", _table)
    return parser


def _image(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """Ours only, in the width of the reader's screen."""
    token = tokens[index]
    found = _PICTURE.fullmatch(str(token.attrs["src"]))
    if not found:
        return format_html("{}", token.content)
    wide, narrow = (reverse("admin:handbook_picture", args=[found[1], width, found[2]]) for width in (WIDE, NARROW))
    picture = '<picture><source media="(max-width: 700px)" srcset="{}"><img src="{}" alt="{}" loading="lazy"></picture>'
    return format_html(picture, narrow, wide, token.content)


def _table(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """A wide one scrolls in its own box: also by keyboard."""
    tokens[index].attrSet("tabindex", "0")
    return renderer.renderToken(tokens, index, options, env)


def _link(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """To another chapter: at its address here."""
    token = tokens[index]
    if found := _CHAPTER.fullmatch(str(token.attrs["href"])):
        token.attrs["href"] = reverse("admin:handbook_chapter", args=[found[1]]) + f"?in={env['language']}"
    return renderer.renderToken(tokens, index, options, env)
