from pos.admin.findings import FindingAdmin
from pos.admin.hooks import HookAdmin, HookDeliveryAdmin
from pos.admin.keys import ControllerKeyAdmin
from pos.admin.points import PointOfSaleAdmin

__all__ = ["ControllerKeyAdmin", "FindingAdmin", "HookAdmin", "HookDeliveryAdmin", "PointOfSaleAdmin"]
