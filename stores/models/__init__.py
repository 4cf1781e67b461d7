"""Seller accounts and their stores."""

from stores.fields import make_token
from stores.models.account import Account, Application, Credentials
from stores.models.errand import Errand, ErrandStep
from stores.models.paper import CodePage, Columns, Logo, Paper
from stores.models.store import RefundPolicy, Store, Tax, validate_time_zone

__all__ = [
    "Account",
    "Application",
    "CodePage",
    "Columns",
    "Credentials",
    "Errand",
    "ErrandStep",
    "Logo",
    "Paper",
    "RefundPolicy",
    "Store",
    "Tax",
    "make_token",
    "validate_time_zone",
]
