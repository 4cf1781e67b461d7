"""All settings come from the environment (`.env` is read if present); `.env.example` lists them."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from django.core.exceptions import ImproperlyConfigured

from config import logs, redacting, spectacular, storage

django_stubs_ext.monkeypatch()  # lets annotations like ModelAdmin[Order] stand in code that runs

ROOT = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(str(ROOT / ".env"))

DEBUG = env.bool("DEBUG", default=False)


def secret(name: str, for_development: str) -> str:
    """A setting that has a default only where nothing real can be at stake."""
    value: str = env.str(name, default="") or (for_development if DEBUG else "")
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Set it in the environment or in .env, or set DEBUG=on for development values."
        )
    if for_development in value and not DEBUG:
        raise ImproperlyConfigured(f"{name} has the development value, which everybody can read: make one of your own.")
    return value


SECRET_KEY = secret("SECRET_KEY", "development-only-secret-key-never-for-production")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # receipts' links that are signed with an older one
FIELD_ENCRYPTION_KEYS = secret("FIELD_ENCRYPTION_KEYS", "ZGV2ZWxvcG1lbnQtb25seS1ub3QtYS1zZWNyZXQtISE=").split(",")
PUBLIC_URL = env.str("PUBLIC_URL", default="http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if DEBUG else [urlsplit(PUBLIC_URL).hostname or "localhost"])
VAR_DIR = Path(env.str("VAR_DIR", default="") or "var")
VAR_DIR = VAR_DIR if VAR_DIR.is_absolute() else ROOT / VAR_DIR
VAR_DIR.mkdir(parents=True, exist_ok=True)

MERCADO_PAGO_API_URL = env.str("MERCADO_PAGO_API_URL", default="https://api.mercadopago.com").rstrip("/")
# The names of states and cities; only Mercado Pago itself has them, so that a stand-in does not refuse real ones.
MERCADO_LIBRE_API_URL = env.str(
    "MERCADO_LIBRE_API_URL",
    default="https://api.mercadolibre.com" if MERCADO_PAGO_API_URL == "https://api.mercadopago.com" else "",
).rstrip("/")

# The literals of dialect v2; empty: as published, misspelt (protocol.md §12.3 says why they can be changed).
MERCADO_PAGO_V2_IN_PROCESS = env.str("MERCADO_PAGO_V2_IN_PROCESS", default="").strip()
MERCADO_PAGO_V2_NOTHING_TO_PAY = env.str("MERCADO_PAGO_V2_NOTHING_TO_PAY", default="").strip()
MERCADO_PAGO_V2_WAITING_FOR_ORDER = env.str("MERCADO_PAGO_V2_WAITING_FOR_ORDER", default="").strip()
MERCADO_PAGO_V2_ORDER_VERSION = env.str("MERCADO_PAGO_V2_ORDER_VERSION", default="").strip()

# Where sellers allow an application to act for them. Empty: https://auth.mercadopago.<the country's domain>.
MERCADO_PAGO_AUTH_URL = env.str("MERCADO_PAGO_AUTH_URL", default="").rstrip("/")

HOOKS_ALLOW_HTTP = env.bool("HOOKS_ALLOW_HTTP", default=DEBUG)
NOTIFICATION_RETENTION_DAYS = env.int("NOTIFICATION_RETENTION_DAYS", default=90)
TIMELINE_RETENTION_DAYS = env.int("TIMELINE_RETENTION_DAYS", default=30)
SHADOW_RETENTION_DAYS = env.int("SHADOW_RETENTION_DAYS", default=90)

# --- Django ----------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "backoffice.apps.BackofficeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "auditlog",
    "rest_framework",
    "rest_framework_api_key",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_otp",
    "axes",
    "stores",
    "pos",
    "orders",
    "notifications",
    "receipts",
    "backoffice.apps.BackofficeConfig",
    "simulator",
]
MIDDLEWARE = [
    "backoffice.tracing.RequestIdMiddleware",
    "notifications.front.DeliveriesFirst",
    "backoffice.headers.PolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "backoffice.watching.PeopleMiddleware",
    "backoffice.uploads.UploadsMiddleware",  # nothing reads a body before it
    "backoffice.nul.NoNulMiddleware",
    "django_otp.middleware.OTPMiddleware",  # lazy, as the log-in's: costs nothing where nobody asks who it is
    "backoffice.zones.StoreTimeZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
ROOT_URLCONF = "config.urls"
AUDITLOG_DISABLE_REMOTE_ADDR = True  # it would take the address that a header invents
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {},
        "MinimumLengthValidator": {"min_length": 12},
        "CommonPasswordValidator": {},
    }.items()
] + [{"NAME": "backoffice.passwords.MaximumLengthValidator"}]

# --- Database: SQLite in VAR_DIR unless DATABASE_URL says otherwise ---------------------------------------------------
DATABASES = {"default": env.db_url_config(env.str("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR}/db.sqlite3")}
_options = DATABASES["default"].setdefault("OPTIONS", {})
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Web and workers write side by side: WAL, and take the write lock at once instead of failing to upgrade to it.
    _options |= {"init_command": "PRAGMA journal_mode=WAL", "transaction_mode": "IMMEDIATE", "timeout": 20}
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    # Who is gone without a word, on either side, and who holds what others wait for: all of them end, work goes on.
    _alive = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}  # s, s, probes
    _session = {"lock_timeout": "10s", "idle_in_transaction_session_timeout": "60s", "tcp_user_timeout": "20s"}
    _session |= {f"tcp_{name}": str(value) for name, value in _alive.items()}  # PostgreSQL's own, for its end of it
    _options |= _alive | {"connect_timeout": 3, "tcp_user_timeout": 20_000} | _options  # s, ms; the URL's go first
    _options.setdefault("options", " ".join(f"-c {name}={value}" for name, value in _session.items()))

# --- Broker and cache: Redis by REDIS_URL, otherwise files in VAR_DIR and process memory ------------------------------
REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    # A dead or silent Redis must not hold a web request: measured, only all of these together bound the wait.
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "max_retries": 0,
        "socket_timeout": 0.3,
        "socket_connect_timeout": 0.3,
        "retry_on_timeout": False,
    }
else:
    CELERY_BROKER_URL = "embedded://localhost/"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(VAR_DIR / "broker" / "messages"),
        "data_folder_out": str(VAR_DIR / "broker" / "messages"),
        "control_folder": str(VAR_DIR / "broker" / "control"),
        "polling_interval": 0.05,
    }
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_DB_REUSE_MAX = 1_000_000  # keep connections between tasks, as CONN_MAX_AGE says: see config.celery
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ROUTES = {  # the first one that fits
    # What looks for forgotten work must not wait behind that work: it would expire there.
    "receipts.tasks.sweep*": {"queue": "celery"},
    "receipts.tasks.print_due": {"queue": "printing"},  # who stands at the printer does not wait for what is drawn
    "receipts.tasks.look_at_printer*": {"queue": "printing"},
    "receipts.tasks.*": {"queue": "receipts"},  # drawing never delays what a status waits for
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "config.beat:Scheduler"

# --- Drawn receipts: a folder under VAR_DIR unless RECEIPTS_STORAGE_URL says otherwise --------------------------------
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": VAR_DIR / "media"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "receipts": storage.read(env.str("RECEIPTS_STORAGE_URL", default=""), folder=VAR_DIR / "media" / "receipts"),
}

# --- People, places, security ----------------------------------------------------------------------------------------
LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
LANGUAGES = [("en", "English"), ("es", "Español"), ("pt-br", "Português (Brasil)")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600  # who chose a language keeps it; who did not gets the browser's
LOCALE_PATHS = [ROOT / "locale"]
FORMAT_MODULE_PATH = "config.formats"
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # deployments run the Procfile only: no collectstatic step to forget
WHITENOISE_AUTOREFRESH = False

_HTTPS = PUBLIC_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # some show a new key: none in a cookie
LOGIN_REDIRECT_URL = "admin:index"
CSRF_FAILURE_VIEW = "backoffice.views.form_refused"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _HTTPS
_HOST_ONLY = "__Host-" if _HTTPS else ""  # no neighbour of our domain can set such a one
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_HOST_ONLY}sessionid", f"{_HOST_ONLY}csrftoken"
LANGUAGE_COOKIE_NAME = f"{_HOST_ONLY}django_language"
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True  # no script of ours reads them
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = _HTTPS
SECURE_REDIRECT_EXEMPT = [r"^mp/", r"^(?:healthz|readyz|metrics)$"]  # Mercado Pago and probes are never redirected
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = False  # about other hosts their owner decides
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None

# --- Log-in -----------------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# Who must have a second factor: off, all, or roles (backoffice.roles.Role), comma-separated.
TWO_FACTOR_REQUIRED = env.list("TWO_FACTOR_REQUIRED", default=["off"])
TWO_FACTOR_NAME = env.str("TWO_FACTOR_NAME", default=urlsplit(PUBLIC_URL).hostname or "")  # in authenticator apps
# A shift. A board on a wall keeps its session by refreshing, but nobody's lasts longer than a week.
SESSION_COOKIE_AGE = 60 * env.int("SESSION_IDLE_MINUTES", default=480)
SESSION_MOST_SECONDS = 3600 * env.int("SESSION_MAX_HOURS", default=168)
# Per person and place: a colleague's typing errors lock nobody else out, though all are behind one address.
AXES_FAILURE_LIMIT = env.int("LOGIN_ATTEMPTS", default=5)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("LOGIN_PAUSE_MINUTES", default=15))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
# And within an hour from everywhere together as one person, or as anybody from one place; 0: no limit.
LOGIN_FAILURES_PER_HOUR = env.int("LOGIN_FAILURES_PER_HOUR", default=100)
AXES_HANDLER = "backoffice.pauses.Pauses"
AXES_ENABLE_ACCESS_FAILURE_LOG = True  # which it counts
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # trying on does not make the pause longer
AXES_CLIENT_IP_CALLABLE = "stores.visitors.address_of"
AXES_DISABLE_ACCESS_LOG = True  # each is a line of the log: backoffice.comings
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
SILENCED_SYSTEM_CHECKS = [
    "axes.W002",  # our log-in page says itself what its middleware would
    "security.W005",  # HSTS is for our own host: see SECURE_HSTS_INCLUDE_SUBDOMAINS
    "security.W021",
]

# --- E-mail: a customer's receipt, alarms -----------------------------------------------------------------------------
_EMAIL_URL = env.str("EMAIL_URL", default="") or ("consolemail://" if DEBUG else "")
SENDS_EMAIL = bool(_EMAIL_URL)
if SENDS_EMAIL:
    vars().update({name: value for name, value in env.email_url_config(_EMAIL_URL).items() if value is not None})
EMAIL_TIMEOUT = 20
ALARM_REMINDER = timedelta(hours=env.int("ALARM_REMINDER_HOURS", default=4))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"receipts@{urlsplit(PUBLIC_URL).hostname}")
# How many proxies in front of us add to X-Forwarded-For; further entries are anybody's invention.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1 if _HTTPS else 0)

# --- The controllers' API --------------------------------------------------------------------------------------------
# Of one key, and of Mercado Pago to one POS, to one account; ten times that at once; 0: no limit. Each web process
# counts for itself.
API_CALLS_PER_SECOND = env.float("API_CALLS_PER_SECOND", default=50)
MERCADO_PAGO_CALLS_PER_SECOND = env.float("MERCADO_PAGO_CALLS_PER_SECOND", default=200)
MERCADO_PAGO_NOTIFICATIONS_PER_SECOND = env.float("MERCADO_PAGO_NOTIFICATIONS_PER_SECOND", default=1000)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["pos.authentication.ControllerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["pos.throttling.KeyThrottle"],
    "DEFAULT_PARSER_CLASSES": ["pos.wire.DecimalJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "pos.wire.AlwaysJSON",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "pos.problems.handle",
    "UNAUTHENTICATED_USER": None,
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = spectacular.describe(PUBLIC_URL)

# --- To be seen: logs, metrics, errors -------------------------------------------------------------------------------
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_NEED_TOKEN = _HTTPS or bool(METRICS_TOKEN)  # where the world comes in, nobody is told without one
_redact = redacting.Redactor(
    [
        SECRET_KEY,
        *FIELD_ENCRYPTION_KEYS,
        METRICS_TOKEN,
        str(DATABASES["default"].get("PASSWORD", "")),
        urlsplit(REDIS_URL).password or "",
        urlsplit(_EMAIL_URL).password or "",
    ]
)
LOG_FORMAT = env.str("LOG_FORMAT", default="") or ("line" if DEBUG else "json")
if LOG_FORMAT not in logs.FORMATS:
    raise ImproperlyConfigured(f"LOG_FORMAT is {LOG_FORMAT}; write one of {', '.join(logs.FORMATS)}.")
LOGGING = logs.describe(env.str("LOG_LEVEL", default="INFO"), LOG_FORMAT, _redact)
SENTRY_DSN = env.str("SENTRY_DSN", default="")
if SENTRY_DSN:
    from config import sentry  # loads a lot

    sentry.start(SENTRY_DSN, environment=urlsplit(PUBLIC_URL).hostname or "", redact=_redact)
