"""What a worker does for people to accounts and stores."""

from typing import Final

from django.utils.translation import gettext_lazy

from stores import credentials, services
from stores.models import Account, Credentials, Errand, Store
from stores.registration import Registered, Registration
from stores.working import Outcome, Work


def registered(row: Registered) -> Outcome:
    """How its registration stands; what is tried again by itself has not failed."""
    return Outcome("%(outcome)s", {"outcome": row.outcome}, is_good=row.registration in _GOOD)


_GOOD: Final = (Registration.REGISTERED, Registration.PENDING)


def _test(account: Account, errand: Errand) -> Outcome:
    verdict = credentials.check(account)
    return Outcome(verdict.text, verdict.values, is_good=verdict.credentials is Credentials.GOOD)


def _register(store: Store, errand: Errand) -> Outcome:
    store.tell_again()
    return registered(services.register(store))


TEST: Final = Work(
    name="stores.test", label=gettext_lazy("Test credentials"), rows=Account.objects.all, do=_test
)  # fmt: skip
REGISTER: Final = Work(
    name="stores.register",
    label=gettext_lazy("Register now at Mercado Pago"),
    rows=Store.objects.select_related("account").all,
    do=_register,
)
