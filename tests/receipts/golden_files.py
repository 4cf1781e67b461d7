"""Renews tests/receipts/golden: see its README."""

import json
import os
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from receipts.layout import Content  # noqa: E402
from receipts.models import Format  # noqa: E402
from receipts.variants import Variant  # noqa: E402
from receipts.writers import write  # noqa: E402
from tests.receipts.contents import IMAGES  # noqa: E402
from tests.receipts.reading import words_of_pdf  # noqa: E402

FOLDER = Path(__file__).parent / "golden"
PAPERS = {"a4": ("v2-forty",), "58mm": ("v2-brl", "v2-copy")}  # 80 mm for all others


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def content(name: str) -> Content:
    found: Content = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def draw(name: str) -> dict[str, bytes]:
    """By file name."""
    paper = next((paper for paper, some in PAPERS.items() if name in some), "80mm")
    variant = Variant(paper=paper, columns=32 if paper == "58mm" else 42)
    drawn = {format: write(content(name), format, variant, IMAGES) for format in Format}
    return {
        f"{name}.html": drawn[Format.HTML],
        f"{name}.txt": drawn[Format.TEXT],
        f"{name}.escpos": drawn[Format.ESCPOS],
        f"{name}.pdf-words": words_of_pdf(drawn[Format.PDF]).encode() + b"\n",
    }


if __name__ == "__main__":
    for name in names():
        for file, data in draw(name).items():
            (FOLDER / file).write_bytes(data)
