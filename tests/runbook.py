"""docs/runbook.md and the alerts that lead there, read from the files themselves."""

import re
from typing import Any, Final

import yaml
from django.conf import settings

RULES: Final = settings.ROOT / "ops" / "prometheus" / "alerts.yml"
ALERTS: Final[list[dict[str, Any]]] = [
    rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]
]
PAGE: Final[str] = (settings.ROOT / "docs" / "runbook.md").read_text()


def anchor(alert: str) -> str:
    """NotReady → not-ready."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", alert).lower()


ANCHORS: Final = sorted({anchor(rule["alert"]) for rule in ALERTS})


def section(name: str) -> str:
    """What follows a headline. Raises when there is not just one of that name."""
    [text] = re.findall(rf"^## {name}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    return str(text)


def queries(text: str) -> list[str]:
    """What is to be typed into psql."""
    return re.findall(r"^```sql\n(.*?)^```", text, re.M | re.S)
