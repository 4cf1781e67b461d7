from stores.admin.accounts import AccountAdmin
from stores.admin.applications import ApplicationAdmin
from stores.admin.base import HintingAdmin, ReadOnlyAdmin
from stores.admin.errands import ErrandAdmin, start
from stores.admin.registered import RegisteredAdmin
from stores.admin.stores import StoreAdmin

__all__ = [
    "AccountAdmin",
    "ApplicationAdmin",
    "ErrandAdmin",
    "HintingAdmin",
    "ReadOnlyAdmin",
    "RegisteredAdmin",
    "StoreAdmin",
    "start",
]
