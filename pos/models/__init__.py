"""Points of sale, their QR codes, and the controllers that run them."""

from pos.models.finding import Finding, FindingKind
from pos.models.hook import Hook, HookDelivery
from pos.models.key import ControllerKey
from pos.models.official import OfficialFile
from pos.models.point import ControllerStatus, PointOfSale, PointOfSaleQuerySet
from pos.models.run import ImportRun
from pos.models.spell import StatusSpell

__all__ = [
    "ControllerKey",
    "ControllerStatus",
    "Finding",
    "FindingKind",
    "Hook",
    "HookDelivery",
    "ImportRun",
    "OfficialFile",
    "PointOfSale",
    "PointOfSaleQuerySet",
    "StatusSpell",
]
