"""Where lines break: between words, but not inside an amount; inside a word only when it is wider than the line."""

import re
from collections.abc import Callable, Iterator
from typing import Final

Measure = Callable[[str], float]
_WORD: Final = re.compile(r"(?:\S*[$€×] )*\S+")  # a price stays together with its currency
_ENDS: Final = re.compile(r"[@./:_-]")  # where a word that is too long is broken rather than anywhere


def wrap(text: str, width: float, measure: Measure) -> list[str]:
    """At least one line, none of them wider unless a single letter is."""
    done, line = [], ""
    for word in _WORD.findall(text):
        longer = f"{line} {word}" if line else word
        if measure(longer) <= width:
            line = longer
            continue
        if line:
            done.append(line)
        *full, line = _broken(word, width, measure)
        done += full
    return [*done, line]


def _broken(word: str, width: float, measure: Measure) -> Iterator[str]:
    while measure(word) > width and len(word) > 1:
        end = 1
        while measure(word[: end + 1]) <= width:
            end += 1
        ends = [match.end() for match in _ENDS.finditer(word, end // 2, end)]
        end = word.rfind(" ", 0, end) + 1 or (ends[-1] if ends else end)
        yield word[:end].rstrip()
        word = word[end:]
    yield word
