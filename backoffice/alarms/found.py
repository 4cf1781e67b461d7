"""What a finder tells of one thing that is wrong."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stores.models import Account, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`subject` names the thing for us ("order 17") and `label` for people; `since` counts when it is new.

    What is not long raises no alarm; one that was raised goes on with it.
    """

    subject: str
    label: str
    since: datetime
    is_long: bool = True
    store_id: int | None = None
    account_id: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)  # what JSON can hold


Finder = Callable[[datetime], Iterator[Found]]


def at_store(store: Store) -> dict[str, Any]:
    """Where it is, for `Found`."""
    return {"store_id": store.pk, "account_id": store.account_id}


def of_store(store: Store, since: datetime, **values: Any) -> Found:
    return Found(subject=f"store {store.pk}", label=store.name, since=since, values=values, **at_store(store))


def of_account(account: Account, since: datetime, **values: Any) -> Found:
    return Found(subject=f"account {account.pk}", label=str(account), since=since, account_id=account.pk, values=values)
