"""What is wrong with a place, whatever its order. Each of TROUBLES alone can keep customers from paying."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from backoffice.diagnosis import cures
from backoffice.diagnosis.facts import Facts
from backoffice.diagnosis.rule import Rule
from backoffice.severity import Severity
from pos.models import ControllerStatus, FindingKind
from stores.models import Credentials
from stores.registration import Registration

_ERROR, _WARNING = Severity.ERROR, Severity.WARNING


def _is_refused(facts: Facts) -> bool:
    return facts.pos.registration == Registration.REFUSED


def _store_is_refused(facts: Facts) -> bool:
    return facts.pos.store.registration != Registration.REGISTERED and facts.pos.remote_id is None


def _is_silent(facts: Facts) -> bool:
    said_offline = facts.pos.status == ControllerStatus.OFFLINE
    return not facts.is_open and not said_offline and facts.pos.is_unreachable(facts.now)


TROUBLES: Final = (
    Rule(
        "account_off",
        lambda f: not f.pos.store.account.is_active,
        _ERROR,
        _("The account %(account)s is switched off: none of its points of sale sells. Switch it on."),
        (cures.activate_account,),
    ),
    Rule(
        "store_off",
        lambda f: not f.pos.store.is_active,
        _ERROR,
        _("The store %(store)s is switched off: nobody can pay here. Switch it on."),
        (cures.activate_store,),
    ),
    Rule(
        "pos_off",
        lambda f: not f.pos.is_active,
        _ERROR,
        _("%(pos)s is switched off: nobody can pay here. Switch it on."),
        (cures.activate_pos,),
    ),
    Rule(
        "wrong_credentials",
        lambda f: f.pos.store.account.credentials in (Credentials.WRONG_TOKEN, Credentials.WRONG_USER),
        _ERROR,
        _("We cannot talk to Mercado Pago, so we would not hear of a payment. %(why)s"),
        (cures.renew_token, cures.test_token),
        lambda f: {"why": f.pos.store.account.credentials_sentence},
    ),
    Rule(
        "host_not_enabled",
        lambda f: f.pos.registration == Registration.HOST_NOT_ENABLED,
        _ERROR,
        _("Mercado Pago does not ask us about %(pos)s. %(why)s"),
        (cures.register_pos,),
        lambda f: {"why": f.pos.outcome},
    ),
    Rule(
        "refused",
        _is_refused,
        _ERROR,
        _("Mercado Pago refuses %(pos)s: customers may not be able to pay. %(why)s"),
        (cures.register_pos,),
        lambda f: {"why": f.pos.outcome},
    ),
    Rule(
        "store_not_registered",
        _store_is_refused,
        _ERROR,
        _("Mercado Pago does not know the store %(store)s, so it cannot know %(pos)s. %(why)s"),
        (cures.register_store,),
        lambda f: {"why": f.pos.store.outcome},
    ),
    Rule(
        "not_registered_yet",
        lambda f: f.pos.registration == Registration.PENDING and f.pos.remote_id is None and not _store_is_refused(f),
        _ERROR,
        _("Mercado Pago does not know %(pos)s yet: nobody can pay here. %(why)s"),
        (cures.register_pos,),
        lambda f: {"why": f.pos.outcome},
    ),
    Rule(
        "missing_there",
        lambda f: f.finding(FindingKind.MISSING_THERE),
        _ERROR,
        _("%(pos)s is gone at Mercado Pago: its code leads nowhere. Heal it; then print and stick its new code."),
        (cures.heal, cures.print_posters),
    ),
    Rule(
        "url_differs",
        lambda f: f.finding(FindingKind.CHANGED_THERE, "url"),
        _ERROR,
        _(
            "Mercado Pago asks at another address than ours about %(pos)s, so no amount ever appears on a phone. "
            "Heal it: Mercado Pago is told the right address again."
        ),
        (cures.heal,),
    ),
    Rule(
        "offline",
        lambda f: not f.is_open and f.pos.status == ControllerStatus.OFFLINE,
        _ERROR,
        _(
            "The controller said at %(said_at)s that it is out of service, so it reports no sale. Look at the pump or "
            "machine, and at its network."
        ),
    ),
    Rule(
        "silent",
        _is_silent,
        _ERROR,
        _(
            "The controller is silent: its last report came at %(said_at)s, and it must report every %(heartbeat)s "
            "seconds. Without it there is no sale to pay. Look at its power and its network."
        ),
        (),
        lambda f: {"heartbeat": f.pos.heartbeat},
    ),
)

# What need not be the reason, and is said after it.
BESIDES: Final = (
    Rule(
        "api_fails",
        lambda f: f.failed_call,
        _ERROR,
        _(
            "Mercado Pago does not answer us properly just now (%(what)s, last at %(when)s). Customers may see the "
            "amount and pay, and we hear of it late. We keep asking: nothing is lost. Before anybody pays again, "
            "look at the customer's phone."
        ),
        (),
        lambda f: {"what": _called(f), "when": f.clock(f.failed_call.at if f.failed_call else None)},
    ),
    Rule(
        "news_waits",
        lambda f: f.is_open and f.news_waits,
        _WARNING,
        _(
            "Mercado Pago has sent a notification that we could not follow yet, perhaps about this very payment. It is "
            "tried again by itself; check now to be faster."
        ),
        (cures.check_now,),
    ),
    Rule(
        "differs",
        lambda f: f.finding(FindingKind.CHANGED_THERE) and not f.finding(FindingKind.CHANGED_THERE, "url"),
        _WARNING,
        _("%(pos)s is not the same at Mercado Pago: %(what)s. That need not keep anybody from paying; heal it."),
        (cures.heal,),
        lambda f: {"what": ", ".join(sorted({field for one in f.findings for field in one.differences}))},
    ),
    Rule(
        "no_code",
        lambda f: f.pos.remote_id is not None and f.pos.qr_problem,
        _WARNING,
        _("There is something wrong with the QR code of %(pos)s: %(what)s"),
        (cures.fetch_code,),
        lambda f: {"what": f.pos.qr_problem},
    ),
)


def _called(facts: Facts) -> str:
    call = facts.failed_call
    return f"{call.status or _('no answer')}" if call else ""
