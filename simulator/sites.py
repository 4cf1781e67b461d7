"""The seven countries as this side of the wire knows them (protocol.md §3, §8). On purpose not the gateway's table."""

from typing import NamedTuple


class Country(NamedTuple):
    """`box` is south, north, west, east in degrees; `numeric` is the currency's ISO 4217 number."""

    code: str
    currency: str
    numeric: str
    decimals: int
    mccs: tuple[int, int]
    box: tuple[float, float, float, float]


SITES = {
    "MLA": Country("AR", "ARS", "032", 2, (473000, 621102), (-55.2, -21.7, -73.7, -53.5)),
    "MLB": Country("BR", "BRL", "986", 2, (4731300, 5611203), (-33.9, 5.4, -74.1, -34.6)),
    "MLC": Country("CL", "CLP", "152", 0, (473001, 561000), (-56.1, -17.4, -75.9, -66.3)),
    "MCO": Country("CO", "COP", "170", 0, (4731, 5611), (-4.4, 13.6, -82.0, -66.7)),
    "MLM": Country("MX", "MXN", "484", 2, (468419, 5812), (14.4, 32.9, -118.6, -86.5)),
    "MLU": Country("UY", "UYU", "858", 2, (47300, 56101), (-35.2, -30.0, -58.6, -53.0)),
    "MPE": Country("PE", "PEN", "604", 2, (5050, 5520), (-18.5, 0.2, -81.5, -68.5)),
}


def at(latitude: float, longitude: float) -> list[str]:
    """The sites on whose territory a place may lie."""
    found = []
    for site, country in SITES.items():
        south, north, west, east = country.box
        if south <= latitude <= north and west <= longitude <= east:
            found.append(site)
    return found


def with_mcc(code: object) -> list[str]:
    return [site for site, country in SITES.items() if code in country.mccs]


def with_currency(code: object) -> list[str]:
    return [site for site, country in SITES.items() if code == country.currency]
