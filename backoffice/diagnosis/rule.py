"""One line of a table: the situation, the sentence, the cure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django_stubs_ext import StrOrPromise

from backoffice.diagnosis.cures import Cure
from backoffice.diagnosis.facts import Facts
from backoffice.severity import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """`says` may name any of `Facts.values`, and what `more` gives."""

    name: str
    holds: Callable[[Facts], object]
    severity: Severity
    says: StrOrPromise
    cures: tuple[Cure, ...] = ()
    more: Callable[[Facts], dict[str, object]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a rule says of these facts, in the reader's language."""

    name: str
    severity: Severity
    sentence: str
    cures: tuple[Cure, ...]


def holding(rules: Iterable[Rule], facts: Facts) -> Iterator[Verdict]:
    """Those that hold, in the order of their table."""
    for rule in rules:
        if rule.holds(facts):
            values = facts.values | (rule.more(facts) if rule.more else {})
            yield Verdict(name=rule.name, severity=rule.severity, sentence=str(rule.says) % values, cures=rule.cures)
