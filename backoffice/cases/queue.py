"""The queue: brought up to date with what really waits, whenever somebody looks at it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db import transaction
from django.db.models import BigIntegerField, CharField, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from backoffice.cases.sources import SOURCES
from backoffice.cases.story import Source
from backoffice.models import Case, CaseQuerySet, Decision, Look, Outcome

MOST = 1000  # cases of one source: whoever has more waiting has one problem, not a thousand
SYSTEM = "system"
GONE = _("Its cause is gone: everything is in order now.")
ASKED = _("It was checked again, and is in order now.")
ELSEWHERE = _("Decided on its own page.")
DELETED = _("It is not there any more: too old to be kept, or not found by the last look.")
_TOLD_EVERY = timedelta(seconds=10)

Key = tuple[str, int]


def visible_to(user: AbstractUser | AnonymousUser) -> CaseQuerySet:
    """The cases that this person may know of."""
    mine = [source.name for source in SOURCES.values() if user.has_perm(source.permission)]
    return Case.objects.filter(source__in=mine).visible_to(user)


def looked_at() -> datetime | None:
    """When it was last looked what waits."""
    return Look.objects.values_list("done_at", flat=True).filter(pk=1).first()


def look(*, wait: bool = False) -> None:
    """Open a case for what waits and has none, and close those whose cause is gone. Two queries when nothing is new.

    `wait` for somebody else who is at it: for a page that would say meanwhile that nothing waits.
    """
    cases = {(name, key): kind for name, key, kind in Case.objects.values_list("source", "object_id", "kind")}
    if _waiting(cases) != cases:
        _bring_up_to_date(wait=wait)
    elif (last := looked_at()) is None or last < timezone.now() - _TOLD_EVERY:
        Look.objects.update_or_create(pk=1, defaults={"done_at": timezone.now()})


def put(name: str, key: int) -> None:
    """A case about one object, in the transaction of what makes it wait: the next look may be seconds away."""
    source = SOURCES[name]
    _open(source, [key], {(name, key): next(iter(source.kinds))})


@transaction.atomic
def _bring_up_to_date(*, wait: bool) -> None:
    Look.objects.get_or_create(pk=1)
    if not Look.objects.select_for_update(skip_locked=not wait).filter(pk=1).first():
        return  # somebody else is at it
    cases = {(case.source, case.object_id): case for case in Case.objects.all()}  # before the rows: see below
    waits = _waiting(cases)
    for source in SOURCES.values():
        keys = [key for name, key in waits if name == source.name and (name, key) not in cases]
        _open(source, keys, waits)
    _follow([case for key, case in cases.items() if key in waits and waits[key] != case.kind], waits)
    # A row that was decided between the two readings has no case any more: there is nothing left to close.
    _close(case.pk for key, case in cases.items() if key not in waits and not _may_be_cut_off(key, waits))
    Look.objects.filter(pk=1).update(done_at=timezone.now())


def _waiting(cases: Collection[Key]) -> dict[Key, str]:
    """Everything that waits, with its kind, in one query; not what a decision holds for."""
    rows = reduce(lambda one, other: one.union(other, all=True), map(_keys, SOURCES.values()))
    waits = {(name, key): kind for name, key, kind in rows}
    for key in _held([key for key in waits if key not in cases]):
        del waits[key]
    return waits


def _keys(source: Source[Any]) -> "QuerySet[Any]":
    some = source.live().order_by("pk").values("pk")[:MOST]
    rows = source.live().model._default_manager.filter(pk__in=some).order_by()
    text = CharField(max_length=30)
    kinds: QuerySet[Any] = rows.annotate(
        case_source=Cast(Value(source.name), text),
        case_object=Cast("pk", BigIntegerField()),
        case_kind=Cast(source.kind_of(), text),
    ).values_list("case_source", "case_object", "case_kind")
    return kinds


def _may_be_cut_off(key: Key, waits: Mapping[Key, str]) -> bool:
    """Whether there are so many that this one may only have been left out."""
    same = [other for name, other in waits if name == key[0]]
    return len(same) >= MOST and key[1] > max(same)


def _held(keys: Collection[Key]) -> list[Key]:
    """Those that a person has set aside, as long as nothing about them is new."""
    if not keys:
        return []
    made = Decision.objects.filter(
        outcome=Outcome.SET_ASIDE,
        source__in={name for name, _number in keys},
        object_id__in={key for _source, key in keys},
    )
    last = {(one.source, one.object_id): one.facts for one in made.order_by("pk")}
    return [key for key in keys if key in last and _facts(*key) == last[key]]


def _facts(name: str, object_id: int) -> str | None:
    source = SOURCES[name]
    row = source.rows([object_id]).get(object_id)
    return source.story(row).facts if row else None


def _open(source: Source[Any], keys: list[int], waits: Mapping[Key, str]) -> None:
    if not keys:
        return
    Case.objects.bulk_create(
        [_case(source, row, waits[source.name, key]) for key, row in source.rows(keys).items()], ignore_conflicts=True
    )


def _case(source: Source[Any], row: Any, kind: str) -> Case:
    store_id, account_id = source.place(row)
    return Case(
        source=source.name,
        object_id=row.pk,
        kind=kind,
        rank=source.kinds[kind][1],
        label=source.label(row)[:200],
        store_id=store_id,
        account_id=account_id,
        since=source.since(row),
    )


def _follow(changed: Iterable[Case], waits: Mapping[Key, str]) -> None:
    """The same object, with another reason now."""
    for case in changed:
        source = SOURCES[case.source]
        kind = waits[case.source, case.object_id]
        row = source.rows([case.object_id]).get(case.object_id)
        since = source.since(row) if row else case.since
        Case.objects.filter(pk=case.pk).update(kind=kind, rank=source.kinds[kind][1], since=since, asked_by="")


def _close(keys: Iterable[int]) -> None:
    """What is being decided at this moment is left to who decides."""
    gone = list(Case.objects.select_for_update(skip_locked=True).filter(pk__in=list(keys)))
    Decision.objects.bulk_create([_resolved(case) for case in gone])
    Case.objects.filter(pk__in=[case.pk for case in gone]).delete()


def _resolved(case: Case) -> Decision:
    source = SOURCES.get(case.source)
    actor, reason = (case.asked_by, ASKED) if case.asked_by else (SYSTEM, GONE)
    if source and not source.live().model._default_manager.filter(pk=case.object_id).exists():
        reason = DELETED
    elif source and (who := source.who(case.object_id, case.kind)):
        actor, reason = who[0], who[1] or ELSEWHERE
    return decision_about(case, outcome=Outcome.RESOLVED, actor=actor, reason=reason)


def decision_about(case: Case, **what: Any) -> Decision:
    """Not saved yet."""
    return Decision(
        case_id=case.pk,
        source=case.source,
        object_id=case.object_id,
        kind=case.kind,
        label=case.label,
        since=case.since,
        store_id=case.store_id,
        account_id=case.account_id,
        **what,
    )
