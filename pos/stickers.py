"""Whose sticker is this? What staff is told after scanning a code."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext
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
    """Whose code it is, or why it is nobody's: `verdict` is said large, `detail` below it."""

    is_right: bool
    verdict: StrOrPromise
    detail: StrOrPromise = ""
    is_off: bool = False


def look_at(photo: bytes, *, among: PointOfSaleQuerySet, expected: PointOfSale | None) -> Finding:
    """Several codes in the photo are not judged: nobody can tell which of them was meant."""
    try:
        texts = read_codes(photo)
    except UnreadablePicture:
        return Finding(False, _NO_PICTURE)
    if len(texts) > 1:
        text = gettext("There are %(count)s codes in this photo: take one of a single sticker.")
        return Finding(False, text % {"count": len(texts)})
    return read(texts[0], among=among, expected=expected) if texts else Finding(False, _NOTHING)


def read(text: str, *, among: PointOfSaleQuerySet, expected: PointOfSale | None) -> Finding:
    """Whose of `among` the code with this text is."""
    try:
        pos = _owner(qr.parse(text.strip()), among)
    except qr.BadCode as error:
        return Finding(False, _WHY[type(error)])
    if pos is None:
        return Finding(False, _FOREIGN)
    names = {"name": pos.name, "code": pos.external_id, "store": pos.store.name}
    whose = gettext("This is the code of %(name)s (%(code)s), store %(store)s.") % names
    if expected is None:
        return Finding(True, whose, is_off=not pos.is_active)
    if pos == expected:
        return Finding(True, gettext("Right."), whose, is_off=not pos.is_active)
    return Finding(False, gettext("Wrong: this is not the code of %(name)s.") % {"name": expected.name}, whose)


def _owner(code: qr.Code, among: PointOfSaleQuerySet) -> PointOfSale | None:
    """By its text, or by the number in it: after a change of name Mercado Pago draws another text."""
    ours = among.select_related("store")
    if exact := ours.filter(qr_payload=code.text).first():
        return exact
    return ours.filter(remote_id=code.pos_id).first()
