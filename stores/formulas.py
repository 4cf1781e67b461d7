"""Texts that a spreadsheet would calculate: what a stranger typed must not run on a manager's machine."""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_DEFUSED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def defuse(text: str) -> str:
    """With an apostrophe before what would be a formula, and without signs that no spreadsheet reads."""
    text = _CONTROL.sub("", text)
    return f"'{text}" if _FORMULA.match(text) else text


def restore(text: str) -> str:
    """As it was before `defuse`."""
    return text[1:] if _DEFUSED.match(text) else text
