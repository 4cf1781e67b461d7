"""Every text that people read exists in Spanish and in Portuguese, and is compiled."""

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from django.conf import settings

ROOT = Path(settings.ROOT)
APPS = ("backoffice", "config", "gateway", "notifications", "orders", "pos", "receipts", "simulator", "stores")
KEYWORDS = DEFAULT_KEYWORDS | {"gettext_lazy": None, "gettext_noop": None}
IN_BLOCKS = re.compile(r"{{ (\w+) }}")  # as Django looks them up
IN_TEMPLATES = re.compile(r'{% translate "(.*?)" %}|{% blocktranslate trimmed %}(.*?){% endblock', re.DOTALL)


def texts() -> set[str]:
    found: set[str] = set()
    for app in APPS:
        for file in (ROOT / app).rglob("*.py"):
            found |= {str(text) for _, text, _, _ in extract_from_file("python", file, keywords=KEYWORDS)}
    for file in (ROOT / "templates").rglob("*.html"):
        for plain, block in IN_TEMPLATES.findall(file.read_text()):
            found.add(plain or IN_BLOCKS.sub(r"%(\1)s", " ".join(block.split())))
    return found


def catalog(language: str) -> Catalog:
    with (ROOT / "locale" / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def strings(of: Catalog) -> dict[object, object]:
    return {message.id: message.string for message in of if message.id}


@pytest.mark.parametrize("language", ["es", "pt_BR"])
def test_every_text_is_translated(language: str) -> None:
    translated = {message.id for message in catalog(language) if message.id and message.string and not message.fuzzy}
    assert texts() - translated == set(), "run: manage.py makemessages, translate, make messages"
    assert translated - texts() == set(), "no longer used"


@pytest.mark.parametrize("language", ["es", "pt_BR"])
def test_the_compiled_catalog_is_that_of_the_texts(language: str) -> None:
    fresh = io.BytesIO()
    write_mo(fresh, catalog(language))
    fresh.seek(0)
    with (ROOT / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        assert strings(read_mo(file)) == strings(read_mo(fresh)), "run: make messages"


@pytest.mark.parametrize("language", ["es", "pt_BR"])
def test_the_named_gaps_in_a_text_are_kept(language: str) -> None:
    gaps = re.compile(r"%\(\w+\)s|%s|{\w+}|<\w+>")
    for message in catalog(language):
        if message.id:
            assert sorted(gaps.findall(str(message.id))) == sorted(gaps.findall(str(message.string))), message.id
