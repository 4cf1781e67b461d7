"""What every process of ours loads before its first answer."""

import subprocess
import sys

from django.conf import settings

_HEAVY = {"escpos", "fontTools", "fpdf", "import_export", "openpyxl", "pypdfium2", "redis", "tablib"}
_STARTED = """
import sys
from django.urls import get_resolver
from config import gunicorn
from config.wsgi import application
gunicorn.when_ready(None)
print(*sys.modules)
"""


def test_what_draws_and_what_reads_spreadsheets_is_not_loaded_to_answer(tmp_path) -> None:
    """They are a third of the memory and of the time of a start; who needs one loads it."""
    env = {"DEBUG": "on", "VAR_DIR": str(tmp_path), "DATABASE_URL": "", "REDIS_URL": "", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", _STARTED], cwd=settings.ROOT, env=env, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert {"orders.api", "backoffice.pages.urls"} <= loaded
    assert loaded & _HEAVY == set()
