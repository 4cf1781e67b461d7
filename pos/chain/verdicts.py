"""What an import would do with each row, and why not."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from pos.chain.columns import Column, column_of


class Fate(models.TextChoices):
    """What becomes of a row."""

    REFUSED = "refused", _("refused")
    CHANGED = "changed", _("changed")
    NEW = "new", _("new")
    UNCHANGED = "unchanged", _("unchanged")


class Change(NamedTuple):
    """Of one cell: what it was and what it becomes, as text."""

    column: str
    old: str
    new: str


class Refusal(NamedTuple):
    """The column that is wrong ("" when it is none), and what to do about it."""

    column: str
    sentence: str


@dataclass
class Verdict:
    """On one row."""

    number: int
    account: str
    store: str
    pos: str
    name: str = ""
    is_new: bool = False
    changes: list[Change] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def fate(self) -> Fate:
        if self.refusals:
            return Fate.REFUSED
        if self.is_new:
            return Fate.NEW
        return Fate.CHANGED if self.changes else Fate.UNCHANGED

    def refuse(self, column: str, sentence: object) -> None:
        self.refusals.append(Refusal(column, str(sentence)))

    def refuse_all(self, part: str, error: ValidationError) -> None:
        """By column what is wrong with the fields of the `store` or the `pos`."""
        by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        for name, sentences in by_field.items():
            for sentence in sentences:
                self.refuse(column_of(part, name), sentence)

    def compare(self, columns: Iterable[Column], before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """Note what changes. Whether anything does."""
        found = [
            Change(c.name, str(c.write(before[c.field])), str(c.write(after[c.field])))
            for c in columns
            if c.field in after and before[c.field] != after[c.field]
        ]
        self.changes += found
        return bool(found)

    @property
    def why(self) -> str:
        """The refusals in one line."""
        return " ".join(f"{column}: {sentence}" if column else sentence for column, sentence in self.refusals)

    @property
    def what(self) -> str:
        """The changes in one line."""
        return "; ".join(f"{column}: {old or '–'} → {new or '–'}" for column, old, new in self.changes)


def count(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """How many rows have each fate."""
    counted = Counter(verdict.fate for verdict in verdicts)
    return {fate.value: counted[fate] for fate in Fate}
