from stores.admin.accounts import AccountAdmin
from stores.admin.applications import ApplicationAdmin
from stores.admin.base import HintingAdmin, ReadOnlyAdmin
from stores.admin.registered import RegisteredAdmin
from stores.admin.scope import ScopedAdmin
from stores.admin.stores import StoreAdmin
from stores.admin.times import spell_time, store_time

__all__ = [
    "AccountAdmin",
    "ApplicationAdmin",
    "HintingAdmin",
    "ReadOnlyAdmin",
    "RegisteredAdmin",
    "ScopedAdmin",
    "StoreAdmin",
    "spell_time",
    "store_time",
]
