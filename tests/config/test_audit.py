"""What `make audit` makes of the advisories: a finding fails, a silence is shouted."""

import json
import runpy
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

HOLE = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["1.1"]}
WHOLE = {"name": "whole", "version": "1.0", "vulns": []}
UNKNOWN = {"name": "unknown", "skip_reason": "not found"}
BROKEN = {"name": "broken", "version": "1.0", "vulns": [HOLE]}


@pytest.fixture
def audit(monkeypatch) -> Callable[[Any], int]:
    """Its exit code when that is what is known of the packages."""

    def run(known: Any) -> int:
        said = json.dumps({"dependencies": known}) if known is not None else ""
        done = subprocess.CompletedProcess([], 1, stdout=said, stderr="name not resolved")
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
        main = runpy.run_path(str(settings.ROOT / ".ci" / "audit.py"))["main"]
        return int(main(["requirements.txt"]))

    return run


def test_nothing_known_is_well(audit, capsys) -> None:
    assert audit([WHOLE]) == 0
    assert "1 packages, none with a known hole" in capsys.readouterr().out


def test_a_known_hole_and_a_package_that_nobody_knows_fail(audit, capsys) -> None:
    assert audit([WHOLE, BROKEN]) == 1
    assert "broken 1.0: PYSEC-1 (CVE-1); mended in 1.1" in capsys.readouterr().out
    assert audit([WHOLE, UNKNOWN]) == 1
    assert "unknown: not audited" in capsys.readouterr().out


@pytest.mark.parametrize("known", [None, [UNKNOWN], []])
def test_when_nobody_answers_it_says_so_and_fails_only_where_an_answer_is_wanted(audit, capsys, monkeypatch, known):
    assert audit(known) == 0
    assert "THE PACKAGES WERE NOT AUDITED" in capsys.readouterr().out
    monkeypatch.setenv("AUDIT_MUST_ANSWER", "1")
    assert audit(known) == 1
