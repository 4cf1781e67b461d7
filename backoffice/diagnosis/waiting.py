"""A point of sale without an open order: what it waits for. The first line that holds speaks."""

from datetime import timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from backoffice.diagnosis import cures
from backoffice.diagnosis.facts import Facts
from backoffice.diagnosis.rule import Rule
from backoffice.severity import Severity

_INFO, _GOOD, _WARNING, _ERROR = Severity.INFO, Severity.GOOD, Severity.WARNING, Severity.ERROR
_QUIET: Final = timedelta(days=2)


def _is_quiet(facts: Facts) -> bool:
    polled = facts.pos.last_polled_at
    return polled is not None and facts.now - polled > _QUIET


WAITING: Final = (
    Rule(
        "switched_off",
        lambda f: not f.pos.is_in_service,
        _INFO,
        _("Until then, who scans its code only sees a waiting screen."),
    ),
    Rule(
        "unreachable",
        lambda f: f.pos.is_unreachable(f.now),
        _INFO,
        _("As soon as the controller reports again, customers can pay."),
    ),
    Rule(
        "running_for_long",
        lambda f: f.is_running and f.says_long,
        _WARNING,
        _(
            "The controller has said since %(said_since)s that a sale is running. As long as it says so there is no "
            "amount to pay. If nobody is served there, it has forgotten to report the sale: restart it, or have it "
            "report again."
        ),
    ),
    Rule(
        "running_and_scanned",
        lambda f: f.is_running and f.is_scanned_now,
        _GOOD,
        _(
            "A customer has scanned and waits, as it should be: the sale is still running since %(said_since)s. The "
            "amount appears on the phone as soon as the controller reports the sale."
        ),
    ),
    Rule(
        "running",
        lambda f: f.is_running,
        _GOOD,
        _("A sale is running since %(said_since)s. When it ends, the controller reports it and it can be paid."),
    ),
    Rule(
        "scanned_without_order",
        lambda f: f.is_scanned_now,
        _WARNING,
        _(
            "A customer waits with the phone at %(pos)s, but its controller says that nothing is going on and has "
            "reported no sale. If something was sold, the controller has not reported it: look at the pump or "
            "machine, or the customer has scanned the code of another one."
        ),
        (cures.verify_sticker,),
    ),
    Rule(
        "neighbour",
        lambda f: f.neighbour,
        _INFO,
        _(
            "Nobody scans at %(pos)s, but a phone waits at %(other)s just now. Does the customer stand here? Then it "
            "is the wrong code."
        ),
        (cures.see_neighbour,),
        lambda f: {"other": f.neighbour.name if f.neighbour else ""},
    ),
    Rule(
        "never_polled",
        lambda f: f.pos.last_polled_at is None,
        _WARNING,
        _(
            "Mercado Pago has never asked us about %(pos)s: nobody has scanned its code yet, or the code that sticks "
            "there is another's. Scan it once with the Mercado Pago app: this page shows it within seconds."
        ),
        (cures.verify_sticker, cures.print_posters),
    ),
    Rule(
        "quiet",
        _is_quiet,
        _WARNING,
        _(
            "Nobody has scanned the code of %(pos)s since %(polled_at)s. Is it still there and clean? Scan it once to "
            "be sure."
        ),
        (cures.verify_sticker,),
    ),
    Rule(
        "ready",
        lambda f: True,
        _GOOD,
        _(
            "Everything is fine. Next: the controller reports a sale, the customer scans the code and pays. The last "
            "scan was at %(polled_at)s."
        ),
    ),
)
