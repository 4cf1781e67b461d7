"""What a worker does for people to accounts and stores."""

from typing import Final

from django.contrib.admin.models import CHANGE, LogEntry
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_noop as _

from stores import connecting, credentials, services
from stores.connecting import NotConnected
from stores.models import Account, Application, Credentials, Errand, Store
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


def _connect(application: Application, errand: Errand) -> Outcome:
    """The answer's code works once, and is forgotten before it is used."""
    mine = Errand.objects.filter(pk=errand.pk)
    sealed = errand.args.get("sealed")
    mine.update(args={})
    if not sealed:  # the worker that had it came to no more
        raise NotConnected(gettext("It broke off. Press “Connect a seller” again."))
    account = connecting.redeem(application, sealed)
    page = reverse("admin:stores_account_change", args=[account.pk])
    if errand.user:
        told = [{"changed": {"fields": ["access token", "application"]}}]
        LogEntry.objects.log_actions(errand.user.pk, [account], CHANGE, told, single_object=True)
        if errand.user.has_perm("stores.view_account"):
            mine.update(back=page)
    return Outcome(_("Seller %(user)s is connected."), {"user": account.user_id})


CONNECT: Final = Work(
    name="stores.connect",
    label=gettext_lazy("Connect a seller"),
    rows=Application.objects.all,
    do=_connect,
    refusals=(NotConnected,),
)
TEST: Final = Work(
    name="stores.test", label=gettext_lazy("Test credentials"), rows=Account.objects.all, do=_test
)  # fmt: skip
REGISTER: Final = Work(
    name="stores.register",
    label=gettext_lazy("Register now at Mercado Pago"),
    rows=Store.objects.select_related("account").all,
    do=_register,
)
