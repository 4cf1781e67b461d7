"""A report's rows as values, whichever of the two reports it is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from backoffice.models import Report, RowKind

Cells = Mapping[str, str]

_NEEDED: Final = {
    Report.SETTLEMENT: ("SOURCE_ID", "TRANSACTION_TYPE", "TRANSACTION_AMOUNT", "SETTLEMENT_NET_AMOUNT"),
    Report.RELEASE: ("SOURCE_ID", "DESCRIPTION", "GROSS_AMOUNT", "NET_CREDIT_AMOUNT", "NET_DEBIT_AMOUNT"),
}
# FEE_AMOUNT is documented as the sum of the others.
_FEES: Final = ("MP_FEE_AMOUNT", "MKP_FEE_AMOUNT", "FINANCING_FEE_AMOUNT", "SHIPPING_FEE_AMOUNT")
_BALANCES: Final = ("initial_available_balance", "available_balance", "subtotal", "total")
_KINDS: Final = {
    "settlement": RowKind.PAYMENT, "payment": RowKind.PAYMENT, "refund": RowKind.REFUND,
    "chargeback": RowKind.CHARGEBACK, "dispute": RowKind.DISPUTE, "mediation": RowKind.DISPUTE,
}  # fmt: skip
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Parsed:
    """One row. `adds_up` is False when the fees it names are not what lies between gross and net."""

    number: int
    report: Report
    kind: RowKind
    word: str
    source_id: str
    external_reference: str
    at: datetime | None
    gross: Decimal
    fees: Decimal
    taxes: Decimal
    net: Decimal
    adds_up: bool

    @property
    def key(self) -> str:
        """The same for the same row in another file, also in one of other columns."""
        said = (
            self.report,
            self.source_id,
            self.word,
            self.at and self.at.isoformat(),
            f"{self.gross:f}",
            f"{self.net:f}",
        )
        return sha256("|".join(map(str, said)).encode()).hexdigest()


def header(cells: Sequence[str]) -> tuple[Report, list[str]]:
    """Which report it is, and what its columns are called. Raises ValidationError with the remedy.

    With a translated header the code stands in brackets: `Número de referencia (EXTERNAL_REFERENCE)`.
    """
    names = [_code(cell) for cell in cells]
    for report, needed in _NEEDED.items():
        if all(name in names for name in needed):
            return report, names
    closest = max(_NEEDED, key=lambda report: sum(name in names for name in _NEEDED[report]))
    missing = ", ".join(name for name in _NEEDED[closest] if name not in names)
    text = _(
        "This is neither report of Mercado Pago's: %(names)s is missing. Choose these columns in the report's "
        "settings, with their codes in the header, and download it as CSV."
    )
    raise ValidationError(text % {"names": missing})


def read(report: Report, number: int, cells: Cells) -> Parsed | None:
    """None for a balance, which is no movement. Raises ValueError when a cell cannot be read."""
    word = (cells["TRANSACTION_TYPE"] if report == Report.SETTLEMENT else cells["DESCRIPTION"]).strip()
    if cells.get("RECORD_TYPE", "").strip().lower() in _BALANCES:
        return None
    gross = _amount(cells["TRANSACTION_AMOUNT" if report == Report.SETTLEMENT else "GROSS_AMOUNT"])
    net, taxes = _net(report, cells), _amount(cells.get("TAXES_AMOUNT", ""))
    taxes = -taxes if taxes > 0 and gross > 0 else taxes  # a tax on a sale costs, whichever way it is written
    fees = net - gross - taxes
    return Parsed(
        number=number, report=report, kind=_KINDS.get(word.lower(), RowKind.OTHER), word=word[:60],
        source_id=cells["SOURCE_ID"].strip()[:100],
        external_reference=cells.get("EXTERNAL_REFERENCE", "").strip()[:255],
        at=_moment(cells), gross=gross, fees=fees, taxes=taxes, net=net, adds_up=_adds_up(cells, fees, taxes),
    )  # fmt: skip


def _net(report: Report, cells: Cells) -> Decimal:
    if report == Report.SETTLEMENT:
        return _amount(cells["SETTLEMENT_NET_AMOUNT"])
    return _amount(cells["NET_CREDIT_AMOUNT"]) - abs(_amount(cells["NET_DEBIT_AMOUNT"]))


def _adds_up(cells: Cells, fees: Decimal, taxes: Decimal) -> bool:
    """Whether the named fees are the difference; Mercado Pago does not say whether they hold the taxes, so both do."""
    if "FEE_AMOUNT" in cells:
        named = _amount(cells["FEE_AMOUNT"])
    elif any(name in cells for name in _FEES):
        named = sum((_amount(cells.get(name, "")) for name in _FEES), _ZERO)
    else:
        return True
    return abs(named) in (abs(fees), abs(fees + taxes))


def _moment(cells: Cells) -> datetime | None:
    """When the payment was approved, or else when the money moved. Mercado Pago writes the zone with it."""
    for name in ("TRANSACTION_DATE", "SETTLEMENT_DATE", "DATE"):
        if text := cells.get(name, "").strip():
            moment = datetime.fromisoformat(text)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _amount(text: str) -> Decimal:
    """`1234.50`, as Mercado Pago writes; `1.234,50` and `1234,50`, as a spreadsheet does. A single sign is decimal."""
    text = text.strip().replace("\N{MINUS SIGN}", "-").replace(" ", "")
    if not text:
        return _ZERO
    if "," in text and ("." not in text or text.rindex(",") > text.rindex(".")):
        text = text.replace(".", "").replace(",", ".")
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not amount.is_finite() or abs(amount) >= 10**12:
        raise ValueError(text)
    return amount.quantize(Decimal("0.01"))


def _code(cell: str) -> str:
    named = re.search(r"\(([A-Z][A-Z_]+)\)\s*$", cell)
    return named[1] if named else re.sub(r"[\s-]+", "_", cell.strip().upper())
