from stores.admin.accounts import AccountAdmin
from stores.admin.base import HintingAdmin, ReadOnlyAdmin
from stores.admin.registered import RegisteredAdmin
from stores.admin.stores import StoreAdmin

__all__ = ["AccountAdmin", "HintingAdmin", "ReadOnlyAdmin", "RegisteredAdmin", "StoreAdmin"]
