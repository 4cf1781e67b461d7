"""In which shape a format is drawn: the paper of a PDF, the columns and the code page of a receipt printer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from receipts.models import Format
from stores.models import CodePage, Columns, Paper, Store

CHOICES: Mapping[str, tuple[str, ...]] = {
    "paper": tuple(Paper.values),
    "columns": tuple(map(str, Columns.values)),
    "codepage": tuple(CodePage.values),
}
OF_FORMAT: Mapping[Format, tuple[str, ...]] = {
    Format.HTML: (),
    Format.PDF: ("paper",),
    Format.ESCPOS: ("columns", "codepage"),
    Format.TEXT: (),
}


class NoSuchVariant(ValueError):
    """Names the option and what it can be."""

    def __init__(self, name: str, value: object) -> None:
        self.name, self.value, self.choices = name, str(value), CHOICES.get(name, ())
        super().__init__(f"{name} {value!r} is none of {', '.join(self.choices)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One shape of each format."""

    paper: str = Paper.ROLL_80.value
    columns: int = Columns.USUAL.value
    codepage: str = CodePage.CP858.value

    @classmethod
    def of(cls, store: Store, **wanted: Any) -> Self:
        """The store's own, where nothing else is wanted. Raises NoSuchVariant."""
        usual: dict[str, Any] = {
            "paper": store.receipt_paper,
            "columns": store.receipt_columns,
            "codepage": store.receipt_codepage,
        }
        chosen = usual | {name: value for name, value in wanted.items() if value is not None}
        for name, value in chosen.items():
            chosen[name] = str(value).lower()  # A4 is a4
            if chosen[name] not in CHOICES.get(name, ()):
                raise NoSuchVariant(name, value)
        return cls(paper=chosen["paper"], columns=int(chosen["columns"]), codepage=chosen["codepage"])

    def key(self, format: Format) -> str:
        """What tells the drawings of one format from each other."""
        return "-".join(str(getattr(self, name)) for name in OF_FORMAT[format])
