"""Fields as people read them: codes in words, amounts as their country writes them; alike in lists and on pages."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, ClassVar

from django.db.models import Field
from django_stubs_ext import StrOrPromise

from stores.amounts import in_currency

Words = Callable[[str], StrOrPromise]  # of a code


@dataclass(frozen=True)
class Shown:
    """Stands for a field where Django's admin takes the name of one. Sorting and its heading stay the field's."""

    field: "Field[Any, Any]"
    write: Words | str  # the words of its codes, or the way from a row to the currency of its amounts

    def __call__(self, row: Any) -> str:
        value = getattr(row, self.field.name)
        if value in (None, ""):
            return "-"
        if isinstance(self.write, str):
            return in_currency(value, attrgetter(self.write)(row))
        return str(self.write(value))

    def __str__(self) -> str:
        return self.field.name

    @property
    def __name__(self) -> str:
        return self.field.name

    @property
    def short_description(self) -> StrOrPromise:
        return self.field.verbose_name

    @property
    def admin_order_field(self) -> str:
        return self.field.name


class ShowingAdmin:
    """Part of an admin class, or of one for rows inside of another's page: what it shows in another way than Django."""

    opts: Any
    worded: ClassVar[Mapping[str, Words]] = {}  # fields whose codes are put in words
    amounts: ClassVar[tuple[str, ...]] = ()  # fields that hold money,
    currency: ClassVar[str] = "currency"  # and the way from a row to its currency: what it passes must be selected

    def shown(self, name: Any) -> Any:
        """What stands for a field; its name, or whatever else it is, where it is shown as Django does."""
        write = self.currency if name in self.amounts else self.worded.get(name) if isinstance(name, str) else None
        return Shown(self.opts.get_field(name), write) if write else name

    def all_shown(self, names: Iterable[Any]) -> list[Any]:
        """Fields that stand in one line together stay so."""
        return [tuple(map(self.shown, name)) if isinstance(name, tuple) else self.shown(name) for name in names]
