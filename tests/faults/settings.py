"""The product's settings, with points at which its processes can be killed and a clock that can be moved.

Nothing of this is in the product: a process gets it by its DJANGO_SETTINGS_MODULE. The variable FAULTS_DIR names the
folder by which a test speaks to all of them.
"""

from config.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.apps.FaultsConfig"]  # noqa: F405
