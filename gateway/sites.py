"""The seven countries where the unattended model exists, as one table (protocol.md §3, §8)."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final


@dataclass(frozen=True, slots=True)
class Site:
    """One country of Mercado Pago's. `decimals` is what Mercado Pago accepts: for COP not what ISO 4217 says.

    `box` is a little more than its territory: south, north, west, east, in degrees.
    """

    code: str
    country: str
    currency: str
    decimals: int
    locale: str
    time_zone: str
    domain: str
    categories: dict[str, int]
    box: tuple[Decimal, Decimal, Decimal, Decimal]
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

    def holds(self, latitude: Decimal, longitude: Decimal) -> bool:
        """Whether a place may lie in this country. Near a border Mercado Pago knows better."""
        south, north, west, east = self.box
        return south <= latitude <= north and west <= longitude <= east

    def fits(self, amount: Decimal) -> bool:
        """Whether the amount needs no more decimals than this country's money has."""
        return amount == self.quantize(amount)


def _codes(gas_station: int, gastronomy: int) -> dict[str, int]:
    return {"gas_station": gas_station, "gastronomy": gastronomy}


def _box(south: str, north: str, west: str, east: str) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    return Decimal(south), Decimal(north), Decimal(west), Decimal(east)


# fmt: off
SITES: Final[dict[str, Site]] = {
    site.code: site
    for site in (
        Site("MLA", "AR", "ARS", 2, "es_AR", "America/Argentina/Buenos_Aires", "mercadopago.com.ar",
             _codes(473000, 621102), _box("-55.2", "-21.7", "-73.7", "-53.5"), has_loyalty=True),
        Site("MLB", "BR", "BRL", 2, "pt_BR", "America/Sao_Paulo", "mercadopago.com.br",
             _codes(4731300, 5611203), _box("-33.9", "5.4", "-74.1", "-28.8")),  # islands included
        Site("MLC", "CL", "CLP", 0, "es_CL", "America/Santiago", "mercadopago.cl",
             _codes(473001, 561000), _box("-56.1", "-17.4", "-109.6", "-66.3")),  # Easter Island included
        Site("MCO", "CO", "COP", 0, "es_CO", "America/Bogota", "mercadopago.com.co",
             _codes(4731, 5611), _box("-4.4", "13.6", "-82.0", "-66.7"), has_taxes=True),
        Site("MLM", "MX", "MXN", 2, "es_MX", "America/Mexico_City", "mercadopago.com.mx",
             _codes(468419, 5812), _box("14.4", "32.9", "-118.6", "-86.5")),
        Site("MLU", "UY", "UYU", 2, "es_UY", "America/Montevideo", "mercadopago.com.uy",
             _codes(47300, 56101), _box("-35.2", "-30.0", "-58.6", "-53.0")),
        Site("MPE", "PE", "PEN", 2, "es_PE", "America/Lima", "mercadopago.com.pe",
             _codes(5050, 5520), _box("-18.5", "0.2", "-81.5", "-68.5"), 90, False),
    )
}
# fmt: on
BY_CURRENCY: Final[dict[str, Site]] = {site.currency: site for site in SITES.values()}
SITE_CHOICES: Final = [(site.code, f"{site.code} · {site.country} · {site.currency}") for site in SITES.values()]
CURRENCY_CHOICES: Final = [(site.currency, site.currency) for site in SITES.values()]
CATEGORIES: Final = ("gas_station", "gastronomy", "other")
