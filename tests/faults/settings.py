"""The product's settings, with points at which its processes can be killed and a clock that can be moved.

Nothing of this is in the product: a process gets it by its DJANGO_SETTINGS_MODULE. `FAULTS_DIR` is the folder by which
a test speaks to all of them.
"""

import os
from pathlib import Path

from config.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.apps.FaultsConfig"]  # noqa: F405
FAULTS_DIR = Path(os.environ["FAULTS_DIR"])
