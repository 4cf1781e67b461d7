"""Mercado Pago's own files of a QR code: fetched, kept, and the code read from its picture (protocol.md §10).

The row is the schedule: whoever lacks a file or the content is due, and after a failure due again later.
"""

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from gateway import files, qr
from gateway.errors import GatewayError
from gateway.files import RemoteFile
from pos.models import OfficialFile, PointOfSale, PointOfSaleQuerySet
from pos.pictures import UnreadablePicture, read_codes

logger = logging.getLogger(__name__)

Kind = OfficialFile.Kind
_PICTURES: Final = (Kind.IMAGE, Kind.TEMPLATE_IMAGE)  # in the order in which they are read
_FIRST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(hours=6)


def due(now: datetime) -> PointOfSaleQuerySet:
    """Those at Mercado Pago of which something is missing here, and which are not to be left alone yet."""
    missing = Q(qr_payload="") & ~Q(qr_image="", qr_template_image="")
    for kind in Kind.values:
        file = OfficialFile.objects.filter(pos=OuterRef("pk"), kind=kind, url=OuterRef(f"qr_{kind}"))
        missing |= ~Q((f"qr_{kind}", "")) & Q(~Exists(file))
    rested = Q(qr_due_at=None) | Q(qr_due_at__lte=now)
    return PointOfSale.objects.exclude(remote_id=None).filter(rested).filter(missing)


def lease(now: datetime, *, limit: int) -> list[int]:
    """Take due ones for a while, so that the next sweep does not wake them again."""
    pos_ids = list(due(now).order_by("qr_due_at", "pk").values_list("pk", flat=True)[:limit])
    PointOfSale.objects.filter(pk__in=pos_ids).update(qr_due_at=now + _FIRST_PAUSE)
    return pos_ids


def fetch(pos: PointOfSale) -> None:
    """Fetch what is missing and read the code. What fails stands in `qr_problem` and is due again later."""
    fetched: dict[Kind, RemoteFile] = {}
    problems: list[str] = []
    for kind, url in _missing(pos):
        try:
            fetched[kind] = files.fetch(url, api_url=settings.MERCADO_PAGO_API_URL)
        except GatewayError as error:
            problems.append(str(error))
    payload, problem = _read(pos, fetched)
    problems += [problem] if problem else []
    _keep(pos, fetched, payload=payload or (pos.qr_payload if has_code(pos) else ""), problems=problems)


def has_code(pos: PointOfSale) -> bool:
    """Whether its code is known here, and still is its own."""
    try:
        check(pos, pos.qr_payload)
    except qr.BadCode:
        return False
    return True


def check(pos: PointOfSale, text: str) -> qr.Code:
    """The code, when it may be this point of sale's; qr.BadCode says why it may not."""
    code = qr.parse(text)
    try:
        named = code.pos_id
    except qr.NamesNoPos:  # only Argentina's codes are documented: elsewhere the picture's address has to do
        return code
    if named != pos.remote_id:
        raise qr.BadCode(f"The code names point of sale {named} of Mercado Pago's, not {pos.remote_id}.")
    return code


def _missing(pos: PointOfSale) -> Iterator[tuple[Kind, str]]:
    kept = {file.kind: file.url for file in pos.official_files.defer("content")}
    for kind in Kind:
        url = getattr(pos, f"qr_{kind}")
        # A picture that could not be read may have been mended where it is.
        is_unread = kind == Kind.IMAGE and not pos.qr_payload
        if url and (is_unread or kept.get(kind) != url):
            yield kind, url


def _read(pos: PointOfSale, fetched: Mapping[Kind, RemoteFile]) -> tuple[str, str]:
    """The content and no problem, or no content and the first problem."""
    problems = []
    for kind in (kind for kind in _PICTURES if kind in fetched):
        try:
            texts = read_codes(fetched[kind].content)
        except UnreadablePicture:
            problems.append(f"{kind.value}: the picture cannot be read")
            continue
        problems += [] if texts else [f"{kind.value}: no QR code was found in the picture"]
        for text in texts:
            try:
                return check(pos, text).text, ""
            except qr.BadCode as error:
                problems.append(f"{kind.value}: {error}")
    return "", problems[0] if problems else ""


@transaction.atomic
def _keep(pos: PointOfSale, fetched: Mapping[Kind, RemoteFile], *, payload: str, problems: list[str]) -> None:
    row = PointOfSale.objects.select_for_update().get(pk=pos.pk)
    if (row.remote_id, row.qr_image) != (pos.remote_id, pos.qr_image):
        return  # registered anew meanwhile: what was fetched is another's
    for kind, file in fetched.items():
        content = {"url": getattr(pos, f"qr_{kind}"), "content_type": file.content_type, "content": file.content}
        OfficialFile.objects.update_or_create(pos=row, kind=kind, defaults=content)
    pos.qr_payload, pos.qr_problem = payload, "; ".join(problems)[:300]
    if not payload and not problems:
        pos.qr_problem = "Mercado Pago gave no picture of the code."
    pos.qr_attempts = min(row.qr_attempts + 1, 100) if pos.qr_problem else 0
    pause = min(_FIRST_PAUSE * 2 ** min(pos.qr_attempts, 12), _LONGEST_PAUSE)
    pos.qr_due_at = timezone.now() + pause if pos.qr_problem else None
    pos.save(update_fields=["qr_payload", "qr_problem", "qr_attempts", "qr_due_at"])
    if pos.qr_problem:
        logger.warning("QR code of %s: %s", pos, pos.qr_problem)
