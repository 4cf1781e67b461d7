"""Drawing receipts and keeping the drawings. The content is frozen, so drawing again gives the same."""

import logging
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from orders.announcements import announce
from orders.models import Order
from receipts import files
from receipts.layout import Content, images_of, mark
from receipts.models import EXTENSIONS, Copy, Document, Format, Kind, Receipt, content_type, file_name
from receipts.variants import Variant
from receipts.writers import write
from stores import metrics
from stores.models import Logo

logger = logging.getLogger(__name__)


def draw(receipt: Receipt) -> None:
    """Draw it in every format, in the variants that its store uses, and keep the files."""
    variant, images = Variant.of(receipt.store), _images(receipt.content)
    documents = [_keep(receipt, format, variant, images) for format in Format]  # files first: a row promises one
    with transaction.atomic():
        Document.objects.bulk_create(
            documents,
            update_conflicts=True,
            unique_fields=["receipt", "format", "variant"],
            update_fields=["name", "sha256", "size", "drawn_at"],
        )
        drawn = {"drawn_at": timezone.now()}
        is_new = Receipt.objects.undrawn().filter(pk=receipt.pk).update(**drawn)
        if is_new:
            announce(Order.objects.with_site().get(pk=receipt.sale.pk), "order.updated")  # it has its document now
        Receipt.objects.filter(pk=receipt.pk).update(**drawn)
    if is_new:
        logger.info("receipt %s of order %s is drawn", receipt, receipt.sale)
        if receipt.kind == Kind.RECEIPT:
            metrics.took("closed_to_receipt", receipt.sale.closed_at, drawn["drawn_at"])


def document(
    receipt: Receipt, format: Format | str, *, copy: Copy | None = None, **wanted: Any
) -> tuple[str, str, bytes]:
    """File name, media type and bytes. Wanted: `paper`, `columns`, `codepage`; the store's own otherwise.

    What is kept is read; another variant, or a copy, is drawn here and now (about 10 ms). Raises NoSuchVariant.
    """
    format = Format(format)
    variant = Variant.of(receipt.store, **wanted)
    name = file_name(receipt, format, variant.key(format), copy)
    return name, content_type(format), _bytes(receipt, format, variant, copy)


def _bytes(receipt: Receipt, format: Format, variant: Variant, copy: Copy | None) -> bytes:
    if copy is not None:
        return _write(mark(receipt.content, copy.mark), format, variant)
    kept = Document.objects.filter(receipt=receipt, format=format, variant=variant.key(format)).first()
    if kept is None:
        return _write(receipt.content, format, variant)
    return files.get(kept.name, sha256=kept.sha256) or _again(receipt, format, variant)


def _again(receipt: Receipt, format: Format, variant: Variant) -> bytes:
    """A lost file, from the content; kept again if it can be."""
    data = _write(receipt.content, format, variant)
    facts = _facts(receipt, format, variant, data)
    try:
        files.put(facts["name"], data)
    except Exception as error:  # the customer gets the receipt whether the storage works or not
        logger.warning("receipt %s could not be kept as %s: %s", receipt, format, error)
    else:
        Document.objects.filter(receipt=receipt, format=format, variant=variant.key(format)).update(**facts)
    return data


def _keep(receipt: Receipt, format: Format, variant: Variant, images: Mapping[str, bytes]) -> Document:
    data = write(receipt.content, format, variant, images)
    facts = _facts(receipt, format, variant, data)
    files.put(facts["name"], data)
    return Document(receipt=receipt, format=format, variant=variant.key(format), **facts)


def _facts(receipt: Receipt, format: Format, variant: Variant, data: bytes) -> dict[str, Any]:
    """Another content has another name: whoever reads a file meanwhile reads the whole of it."""
    sha256, month = files.digest(data), f"{receipt.issued_at:%Y/%m}"
    part = f"-{variant.key(format)}" if variant.key(format) else ""
    name = f"{receipt.store_id}/{month}/{receipt.number}{part}-{sha256[:12]}.{EXTENSIONS[format]}"
    return {"name": name, "sha256": sha256, "size": len(data)}


def _write(content: Content, format: Format, variant: Variant) -> bytes:
    return write(content, format, variant, _images(content))


def _images(content: Content) -> dict[str, bytes]:
    if not (wanted := images_of(content)):
        return {}
    return {sha256: bytes(png) for sha256, png in Logo.objects.filter(sha256__in=wanted).values_list("sha256", "png")}
