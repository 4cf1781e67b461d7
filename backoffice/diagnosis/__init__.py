"""Why can this customer not pay? What stands in the way, in plain words, with the button that cures it."""

from datetime import datetime
from itertools import islice

from backoffice.diagnosis.facts import Facts
from backoffice.diagnosis.over import ENDED, OVER
from backoffice.diagnosis.paper import PAPER
from backoffice.diagnosis.refunds import REFUNDS
from backoffice.diagnosis.rule import Verdict, holding
from backoffice.diagnosis.selling import SELLING
from backoffice.diagnosis.troubles import BESIDES, TROUBLES
from backoffice.diagnosis.waiting import WAITING
from orders.models import Order
from pos.models import PointOfSale

__all__ = ["Facts", "Verdict", "diagnose", "facts_of"]


def facts_of(pos: PointOfSale, order: Order | None, now: datetime) -> Facts:
    """What is known of a point of sale, and of the order that it is about."""
    return Facts(now=now, pos=pos, order=order)


def diagnose(facts: Facts) -> list[Verdict]:
    """The cause first. Never empty: when nothing is wrong it says what comes next.

    Of the troubles and of the paper all that holds is said, since each needs its own cure; else one line speaks.
    """
    refunds = list(islice(holding(REFUNDS, facts), 1))
    if facts.order is not None and not facts.is_open:
        over = [*islice(holding(OVER, facts), 1), *refunds]
        return [*(over or islice(holding(ENDED, facts), 1)), *holding(PAPER, facts)]
    state = SELLING if facts.is_open else WAITING
    found = [*holding(TROUBLES, facts), *islice(holding(state, facts), 1)]
    return [*found, *refunds, *holding(BESIDES, facts), *holding(PAPER, facts)]
