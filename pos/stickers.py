"""Whose sticker is this? What staff is told after scanning a code."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from gateway import qr
from pos.models import PointOfSale, PointOfSaleQuerySet
from pos.pictures import UnreadablePicture, read_codes

_WHY: Final[dict[type[qr.BadCode], StrOrPromise]] = {
    qr.NotEmv: _("This is no payment code: it holds a link or some other text."),
    qr.CutShort: _("The code is cut short. Scan the whole sticker, or copy the whole text."),
    qr.WrongChecksum: _("The code is damaged or was changed: its checksum is wrong. Replace the sticker."),
    qr.NotMercadoPago: _("This is a payment code, but not one of Mercado Pago's. Remove the sticker."),
    qr.NamesNoPos: _("This is a code of Mercado Pago's, but not that of a point of sale. Replace the sticker."),
}
_FOREIGN: Final = _("This is a code of Mercado Pago's, but not one of ours. Remove the sticker.")
_NOTHING: Final = _("No code was found in this picture. Go closer, hold still, avoid glare.")
_NO_PICTURE: Final = _("This file is no picture that can be read. Take a photo as JPEG or PNG.")


@dataclass(frozen=True, slots=True)
class Finding:
    """Whose code it is, or why it is nobody's. `is_right` is None when any of ours will do."""

    pos: PointOfSale | None = None
    problem: StrOrPromise = ""
    is_right: bool | None = None


def look_at(photo: bytes, *, among: PointOfSaleQuerySet, expected: PointOfSale | None) -> Finding:
    """Of several codes in the photo the expected one counts: stickers hang beside each other."""
    try:
        texts = read_codes(photo)
    except UnreadablePicture:
        return Finding(problem=_NO_PICTURE)
    findings = [read(text, among=among, expected=expected) for text in texts]
    return min(findings, key=_rank, default=Finding(problem=_NOTHING))


def read(text: str, *, among: PointOfSaleQuerySet, expected: PointOfSale | None) -> Finding:
    """Whose of `among` the code with this text is."""
    try:
        pos = _owner(qr.parse(text.strip()), among)
    except qr.BadCode as error:
        return Finding(problem=_WHY[type(error)])
    if pos is None:
        return Finding(problem=_FOREIGN)
    return Finding(pos=pos, is_right=None if expected is None else pos == expected)


def _owner(code: qr.Code, among: PointOfSaleQuerySet) -> PointOfSale | None:
    """By its text, or by the number in it: after a change of name Mercado Pago draws another text."""
    ours = among.select_related("store")
    if exact := ours.filter(qr_payload=code.text).first():
        return exact
    return ours.filter(remote_id=code.pos_id).first()


def _rank(finding: Finding) -> tuple[bool, bool]:
    return not finding.is_right, finding.pos is None
