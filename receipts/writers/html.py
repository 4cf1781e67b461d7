"""For an 80 mm roll, a browser and a phone."""

from django.template.loader import render_to_string
from django.utils import translation

from receipts.layout import Content


def write(content: Content) -> bytes:
    with translation.override(content["language"]):
        return render_to_string("receipts/receipt.html", {"content": content}).encode()
