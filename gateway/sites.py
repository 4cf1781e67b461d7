"""The seven countries where the unattended model exists, as one table (protocol.md §3, §8)."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final


@dataclass(frozen=True, slots=True)
class Site:
    """One country of Mercado Pago's. `decimals` is what Mercado Pago accepts: for COP not what ISO 4217 says."""

    code: str
    country: str
    currency: str
    decimals: int
    locale: str
    time_zone: str
    domain: str
    categories: dict[str, int]
    refund_days: int = 180  # after the approval (protocol.md §6)
    refunds_parts: bool = True
    has_taxes: bool = False  # in orders of dialect v2 (protocol.md §1.3)
    has_loyalty: bool = False  # in orders of dialect v1 (protocol.md §1.2)

    @property
    def language(self) -> str:
        """The language of texts for customers, as Django names it."""
        return "pt-br" if self.locale == "pt_BR" else "es"

    @property
    def unit(self) -> Decimal:
        """The smallest amount: 0.01, or 1 where Mercado Pago takes no decimals."""
        return Decimal(1).scaleb(-self.decimals)

    def quantize(self, amount: Decimal) -> Decimal:
        """The amount as money of this country, half up."""
        return amount.quantize(self.unit, rounding=ROUND_HALF_UP)

    def text(self, amount: Decimal) -> str:
        """The amount for machines: `500.00`, or `500` where there are no decimals."""
        return f"{self.quantize(amount):f}"

    def fits(self, amount: Decimal) -> bool:
        """Whether the amount needs no more decimals than this country's money has."""
        return amount == self.quantize(amount)


def _codes(gas_station: int, gastronomy: int) -> dict[str, int]:
    return {"gas_station": gas_station, "gastronomy": gastronomy}


SITES: Final[dict[str, Site]] = {
    site.code: site
    for site in (
        Site(
            "MLA",
            "AR",
            "ARS",
            2,
            "es_AR",
            "America/Argentina/Buenos_Aires",
            "mercadopago.com.ar",
            _codes(473000, 621102),
            has_loyalty=True,
        ),
        Site("MLB", "BR", "BRL", 2, "pt_BR", "America/Sao_Paulo", "mercadopago.com.br", _codes(4731300, 5611203)),
        Site("MLC", "CL", "CLP", 0, "es_CL", "America/Santiago", "mercadopago.cl", _codes(473001, 561000)),
        Site(
            "MCO",
            "CO",
            "COP",
            0,
            "es_CO",
            "America/Bogota",
            "mercadopago.com.co",
            _codes(4731, 5611),
            has_taxes=True,
        ),
        Site("MLM", "MX", "MXN", 2, "es_MX", "America/Mexico_City", "mercadopago.com.mx", _codes(468419, 5812)),
        Site("MLU", "UY", "UYU", 2, "es_UY", "America/Montevideo", "mercadopago.com.uy", _codes(47300, 56101)),
        Site("MPE", "PE", "PEN", 2, "es_PE", "America/Lima", "mercadopago.com.pe", _codes(5050, 5520), 90, False),
    )
}
SITE_CHOICES: Final = [(site.code, f"{site.code} · {site.country} · {site.currency}") for site in SITES.values()]
CURRENCY_CHOICES: Final = [(site.currency, site.currency) for site in SITES.values()]
CATEGORIES: Final = ("gas_station", "gastronomy", "other")
