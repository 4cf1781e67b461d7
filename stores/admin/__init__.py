from stores.admin.accounts import AccountAdmin
from stores.admin.applications import ApplicationAdmin
from stores.admin.base import HintingAdmin, ReadOnlyAdmin
from stores.admin.errands import ErrandAdmin, start
from stores.admin.registered import RegisteredAdmin
from stores.admin.scope import ScopedAdmin
from stores.admin.stores import StoreAdmin
from stores.admin.times import spell_time, store_time

__all__ = [
    "AccountAdmin",
    "ApplicationAdmin",
    "ErrandAdmin",
    "HintingAdmin",
    "ReadOnlyAdmin",
    "RegisteredAdmin",
    "ScopedAdmin",
    "StoreAdmin",
    "spell_time",
    "start",
    "store_time",
]
