"""What a page consists of, in millimetres from its top left corner. Writers draw it and add nothing."""

from dataclasses import dataclass

Modules = tuple[tuple[bool, ...], ...]


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle, its corners rounded by `radius`."""

    x: float
    y: float
    width: float
    height: float
    color: str
    radius: float = 0


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text: `x`, `y` are where it begins on its base line, `size` the height of a line."""

    x: float
    y: float
    size: float
    text: str
    color: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    """The QR code: dark where `modules` says so, the quiet zone within them."""

    x: float
    y: float
    side: float
    modules: Modules

    @property
    def module(self) -> float:
        """The side of one."""
        return self.side / len(self.modules)

    def runs(self) -> list[tuple[float, float, float]]:
        """Dark modules that stand beside each other: x, y, width; each as high as a module."""
        found = []
        for row, line in enumerate(self.modules):
            start = 0
            for column, dark in enumerate((*line, False)):
                if not dark:
                    if column > start:
                        found.append((start, row, column - start))
                    start = column + 1
        return [(self.x + x * self.module, self.y + y * self.module, w * self.module) for x, y, w in found]


Item = Box | Text | Matrix


@dataclass(frozen=True, slots=True)
class Page:
    """One page, or one picture. `title` is for those who cannot see it."""

    width: float
    height: float
    title: str
    language: str
    items: tuple[Item, ...]
