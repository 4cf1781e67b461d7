"""Seller accounts and their stores."""

from stores.fields import make_token
from stores.models.account import Account, Application, Credentials
from stores.models.call import ApiCall, ApiCallQuerySet
from stores.models.errand import Errand, ErrandStep
from stores.models.paper import CodePage, Columns, Logo, Paper
from stores.models.store import RefundPolicy, Store, StoreQuerySet, Tax, validate_time_zone

__all__ = [
    "Account",
    "ApiCall",
    "ApiCallQuerySet",
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
    "StoreQuerySet",
    "Tax",
    "make_token",
    "validate_time_zone",
]
