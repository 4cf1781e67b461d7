"""A Django of its own: no database, no session, nothing shared with the project but the machine."""

import os
import secrets
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SECRET_KEY = secrets.token_urlsafe()
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["simulator"]
MIDDLEWARE = ["simulator.policy.policy_middleware", "django.middleware.locale.LocaleMiddleware"]
ROOT_URLCONF = "simulator.urls"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [ROOT / "templates"]}]
USE_TZ = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español"), ("pt-br", "Português (Brasil)")]
LOCALE_PATHS = [ROOT / "locale"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

SIMULATOR_URL = os.environ.get("SIMULATOR_URL", "http://localhost:8001")
SIMULATOR_STATE = os.environ.get("SIMULATOR_STATE", "")
SIMULATOR_CHAOS = os.environ.get("SIMULATOR_CHAOS", "")  # JSON, as PUT /simulator/chaos takes it
SIMULATOR_POLL_INTERVAL = float(os.environ.get("SIMULATOR_POLL_INTERVAL", "1.0"))
