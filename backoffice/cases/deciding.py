"""What a person does about a case. It leaves with a name and a reason, in the transaction of what is done."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from backoffice import roles
from backoffice.ages import age
from backoffice.cases.queue import decision_about, visible_to
from backoffice.cases.sources import SOURCES
from backoffice.cases.story import Action, Source, Story, by_name
from backoffice.models import Case, Decision, Outcome
from orders.errors import Refused as OrderRefused
from receipts.errors import Refused as ReceiptRefused
from stores.setting_aside import LONGEST, SHORTEST, AlreadyDecided

SET_ASIDE = "set_aside"
MAY_DECIDE = "backoffice.add_decision"


class NoSuchCase(Exception):
    """There is none, or it is not this person's."""


class Refused(Exception):
    """Nothing was done. Its text says why, for people."""


@dataclass(frozen=True, slots=True)
class Told:
    """A case as it is now, and what this person may do about it."""

    case: Case
    story: Story
    actions: list[Action]
    about: str  # what the row is called now
    waits_for_another: bool  # this person has agreed already
    whom_to_tell: str  # a sentence for who may do nothing about it; empty for who may

    @property
    def proposal(self) -> StrOrPromise:
        if self.waits_for_another:
            return _("You have agreed to give this back: now another person must agree, too, or it is kept.")
        return self.story.proposal

    @property
    def place(self) -> str:
        """Its store, or else its account; nothing where that is what the case is about."""
        place = str(self.case.store or self.case.account)
        return "" if place == self.about else place

    @property
    def label(self) -> str:
        return str(SOURCES[self.case.source].kinds[self.case.kind][0])

    @property
    def waits(self) -> str:
        return _("waits for %(time)s") % {"time": age(self.case.since, timezone.now())}

    @property
    def asked(self) -> str:
        name = self.case.asked_by
        return _("%(name)s had it looked at again last.") % {"name": name} if name else ""


def told(case: Case, row: Any, user: AbstractUser) -> Told:
    """What a case says to this person."""
    source = SOURCES[case.source]
    story = source.story(row)
    all_ = _all(source, row, story)
    mine = [one for one in all_ if may(user, one)]
    left = [one for one in mine if one.not_by is None or one.not_by != user.pk]
    waits = any(one.not_by == user.pk for one in story.actions)
    tell = "" if mine else _whom_to_tell(case, all_)
    return Told(case, story, left, about=source.label(row), waits_for_another=waits, whom_to_tell=tell)


def _whom_to_tell(case: Case, actions: list[Action]) -> str:
    """The roles that may do all of it. Of what is no store's, only who sees all stores knows."""
    seen = () if case.store_id else ("stores.see_all_stores",)
    needed = {permission for one in actions for permission in one.permissions}
    able = roles.who_may(MAY_DECIDE, *needed, *seen)
    names = ", ".join(str(role.label) for role in reversed(able))  # the nearest first
    return _("Your role may only look at this. Tell who may decide: %(roles)s.") % {"roles": names}


def may(user: AbstractUser, action: Action) -> bool:
    return user.has_perms([MAY_DECIDE, *action.permissions])


@transaction.atomic
def decide(number: int, *, user: AbstractUser, action: str, facts: str, reason: str) -> Decision | None:
    """Do what a person chose. None: it only was asked again. Raises NoSuchCase, Refused, PermissionDenied.

    `facts` are those that the person saw: a case that has changed meanwhile is to be looked at again first.
    """
    if not user.has_perm(MAY_DECIDE):  # first of all: what has become of a case is nothing that a forged form learns
        raise PermissionDenied
    case = visible_to(user).select_for_update(of=("self",)).filter(pk=number).first()
    if case is None:
        raise _gone(number, user)
    source = SOURCES[case.source]
    source.lock(case.object_id)
    row = source.rows([case.object_id]).get(case.object_id)
    if row is None:
        raise Refused(_("This case has left the queue: its cause is gone."))
    story = source.story(row)
    chosen = next((one for one in _all(source, row, story) if one.name == action), None)
    if chosen and not may(user, chosen):
        raise PermissionDenied
    if chosen is None or story.facts != facts:
        raise Refused(_("This case has changed since you saw it. Nothing was done: look at it again."))
    return _do(case, chosen, story, person=user, reason=" ".join(reason.split()))


def _do(case: Case, chosen: Action, story: Story, *, person: AbstractUser, reason: str) -> Decision | None:
    if chosen.leaves and not SHORTEST <= len(reason) <= LONGEST:
        raise Refused(_("Say why in a few words, so that others understand it later. Nothing was done."))
    try:
        chosen.do(person=person, reason=reason)
    except (OrderRefused, ReceiptRefused, AlreadyDecided) as refusal:
        raise Refused(str(refusal)) from refusal
    if not chosen.leaves:
        case.asked_by = person.get_username()
        case.save(update_fields=["asked_by"])
        return None
    decision = decision_about(
        case,
        outcome=Outcome.SET_ASIDE if chosen.name == SET_ASIDE else Outcome.ACTED,
        action=chosen.name,
        actor=person.get_username(),
        reason=reason,
        amount=chosen.amount,
        currency=story.currency if chosen.amount is not None else "",
        facts=story.facts,
    )
    decision.save()
    case.delete()
    return decision


def _gone(number: int, user: AbstractUser) -> Exception:
    """Why a case is not there: somebody was faster, or it never was this person's."""
    mine = [source.name for source in SOURCES.values() if user.has_perm(source.permission)]
    made = Decision.objects.visible_to(user).filter(case_id=number, source__in=mine).first()
    if made is None:
        return NoSuchCase()
    values = {"actor": made.actor, "outcome": made.get_outcome_display(), "reason": made.why}
    return Refused(_("This case has been decided already, by %(actor)s: %(outcome)s (%(reason)s).") % values)


def _all(source: Source[Any], row: Any, story: Story) -> list[Action]:
    aside = by_name(source.set_aside, row)
    return [*story.actions, Action(SET_ASIDE, gettext_lazy("Set aside"), source.set_aside_permissions, aside)]
