"""Saving what a plan says, through the services of stores and points of sale."""

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

import pos.services
import stores.services
from pos.chain.plan import Plan, StorePlan
from pos.models import PointOfSale
from stores.models import Store


def save(plan: Plan) -> Iterator[Store | PointOfSale]:
    """Save what is not refused, and give each as it is saved. Stopped in the middle, the next plan has the rest.

    Each is saved for itself: a transaction over a whole file would keep sales from being written meanwhile.
    What was changed by somebody since it was planned may be refused now; then the plan says so.
    """
    for planned in plan.stores:
        store = planned.kept
        if planned.fields is not None:
            store = _save_store(planned)
            if store:
                yield store
        if store:
            yield from _save_points(planned, store)


def _save_store(planned: StorePlan) -> Store | None:
    try:
        return stores.services.save_store(planned.account, external_id=planned.external_id, **planned.fields or {})
    except ValidationError as error:
        planned.verdict.refuse_all("store", error)
        for point in planned.points:
            if point.verdict is not planned.verdict:
                text = _("Its store is refused: see row %(row)s.")
                point.verdict.refuse("store_external_id", text % {"row": planned.verdict.number})
    return None


def _save_points(planned: StorePlan, store: Store) -> Iterator[PointOfSale]:
    for point in planned.points:
        try:
            yield pos.services.save_pos(store, external_id=point.external_id, **point.fields)
        except ValidationError as error:
            point.verdict.refuse_all("pos", error)
