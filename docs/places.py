"""The two stations of the pictures, in the words of their countries."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A station and its people, in the words of its country. `scale` turns pesos into the country's money."""

    site: str
    user_id: int
    store: dict[str, Any]
    pump: str
    fuel: str
    manager: tuple[str, str, str]
    cashier: tuple[str, str, str]
    printers: tuple[str, str]
    scale: Decimal
    reason: str


ARGENTINA: Final = Place(
    site="MLA",
    user_id=446566691,
    store={
        "external_id": "CASEROS", "name": "Estación Caseros", "street": "Caseros", "number": "3039", "city": "Belgrano",
        "state": "Capital Federal", "latitude": Decimal("-34.6352"), "longitude": Decimal("-58.4057"),
    },
    pump="Surtidor",
    fuel="Súper",
    manager=("ana", "Ana", "Torres"),
    cashier=("luis", "Luis", "Prieto"),
    printers=("Mostrador", "Playa"),
    scale=Decimal(1),
    reason="El cliente cargó menos",
)  # fmt: skip
BRAZIL: Final = Place(
    site="MLB",
    user_id=334249281,
    store={
        "external_id": "PAULISTA", "name": "Posto Paulista", "street": "Avenida Paulista", "number": "1578",
        "city": "São Paulo", "state": "São Paulo", "latitude": Decimal("-23.5614"), "longitude": Decimal("-46.6559"),
    },
    pump="Bomba",
    fuel="Gasolina comum",
    manager=("bruna", "Bruna", "Lima"),
    cashier=("davi", "Davi", "Rocha"),
    printers=("Balcão", "Pista"),
    scale=Decimal("0.01"),
    reason="O cliente abasteceu menos",
)  # fmt: skip
