"""What a poster says, in the language of the store's country."""

from dataclasses import dataclass
from typing import Final

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pos.models import PointOfSale

_MEANWHILE: Final[dict[str, Promise]] = {
    "gas_station": gettext_lazy("Fill up. The app waits while the pump dispenses."),
    "gastronomy": gettext_lazy("Choose and order. The app waits until your total is ready."),
    "other": gettext_lazy("Use the machine. The app waits until your total is ready."),
}


@dataclass(frozen=True, slots=True)
class Words:
    """All that is printed, and what the code says (`payload`, in the bytes of `encoding`)."""

    language: str
    title: str
    store: str
    name: str
    code_label: str
    code: str
    steps: tuple[str, ...]
    payload: str
    encoding: str = "utf-8"


def words_of(pos: PointOfSale, *, encoding: str) -> Words:
    """The words for this point of sale. No amount and no address of ours: the sticker outlives both."""
    language = pos.store.account.site.language
    with translation.override(language):
        return Words(
            language=language,
            title=_("Pay with Mercado Pago"),
            store=pos.store.name,
            name=pos.name,
            code_label=_("Code"),
            code=pos.external_id,
            steps=(
                _("Scan this code with the Mercado Pago app or another wallet."),
                str(_MEANWHILE[pos.category]),
                _("Check the amount on your phone and pay."),
            ),
            payload=pos.qr_payload,
            encoding=encoding,
        )
