"""The project's settings with nothing of the developer's machine in them but DATABASE_URL and REDIS_URL."""

import os
import tempfile
from urllib.parse import urlsplit, urlunsplit

os.environ.update(
    DEBUG="off",
    SECRET_KEY="only-for-tests",
    FIELD_ENCRYPTION_KEYS="dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
    PUBLIC_URL="http://localhost:8000",
    ALLOWED_HOSTS="testserver,localhost",
    MERCADO_PAGO_API_URL="https://api.mercadopago.com",
    MERCADO_LIBRE_API_URL="",
    MERCADO_PAGO_AUTH_URL="",
    LANGUAGE_CODE="en",
    RECEIPTS_STORAGE_URL="",
    EMAIL_URL="memorymail://",
    DEFAULT_FROM_EMAIL="receipts@example.com",
    TRUSTED_PROXIES="0",
    LOG_FORMAT="",
    METRICS_TOKEN="",
    SENTRY_DSN="",
)
os.environ.setdefault("DATABASE_URL", "")  # set, so that .env cannot
os.environ.setdefault("REDIS_URL", "")
if os.environ["REDIS_URL"] and (_worker := os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")):
    # Tests that run side by side empty their Redis database: to each its own, counted down from the one given.
    _parts = urlsplit(os.environ["REDIS_URL"])
    _database = int(_parts.path.strip("/") or 0) - int(_worker)
    os.environ["REDIS_URL"] = urlunsplit(_parts._replace(path=f"/{_database % 16}"))
_VAR = tempfile.TemporaryDirectory(prefix="qr-unattended-tests-")
os.environ["VAR_DIR"] = _VAR.name

from config.settings import *  # noqa: E402, F403

CELERY_BROKER_URL = "memory://"  # unit tests look at what is enqueued; real brokers have tests of their own
CELERY_BROKER_TRANSPORT_OPTIONS = {}
HOOKS_ALLOW_HTTP = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
