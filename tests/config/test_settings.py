"""How a deployment starts, or says why it does not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection

BARE = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings"}
EMPTY = ("DEBUG", "SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "PUBLIC_URL")


def start(tmp_path: Path, code: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """A Python with just these settings; `.env` is shut out by empty values."""
    bare = BARE | {"VAR_DIR": str(tmp_path), "DEBUG": "off", "SECRET_KEY": "", "FIELD_ENCRYPTION_KEYS": ""}
    code = f"import django; django.setup(); from django.conf import settings as s; {code}"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=settings.ROOT, env=bare | env, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("env", "missing"), [({}, "SECRET_KEY"), ({"SECRET_KEY": "x"}, "FIELD_ENCRYPTION_KEYS")])
def test_without_debug_a_missing_secret_stops_the_start_and_is_named(tmp_path, env, missing: str) -> None:
    ended = start(tmp_path, **env)
    assert ended.returncode != 0
    assert f"{missing} is not set" in ended.stderr


def test_with_debug_there_are_development_values(tmp_path) -> None:
    ended = start(tmp_path, "print(s.CELERY_BROKER_URL, s.DATABASES['default']['ENGINE'])", DEBUG="on",
                  DATABASE_URL="", REDIS_URL="")  # fmt: skip
    assert ended.stdout.split() == ["embedded://localhost/", "django.db.backends.sqlite3"]


def test_a_deployment_is_all_environment(tmp_path) -> None:
    ended = start(
        tmp_path,
        "print(s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE, s.ALLOWED_HOSTS, s.DATABASES['default']['ENGINE'],"
        " s.CELERY_BROKER_URL)",
        SECRET_KEY="x",
        FIELD_ENCRYPTION_KEYS="c29tZS1kZXBsb3ltZW50cy1vd24ta2V5LW9mLTMyLSE=",
        PUBLIC_URL="https://pay.example.com/",
        DATABASE_URL="postgres://u:p@db.example.com/qr",
        REDIS_URL="redis://r.example.com/0",
    )
    assert ended.stderr == ""
    assert ended.stdout.split() == [
        "True", "True", "['pay.example.com']", "django.db.backends.postgresql", "redis://r.example.com/0",
    ]  # fmt: skip


@pytest.mark.postgresql
def test_a_session_waits_for_no_lock_for_long_and_holds_none_for_long(db) -> None:
    wanted = {"lock_timeout": "10s", "idle_in_transaction_session_timeout": "1min"}
    wanted |= {"tcp_user_timeout": "20000", "tcp_keepalives_idle": "10"} if connection.settings_dict["HOST"] else {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, current_setting(name) FROM unnest(%s::text[]) AS name", [[*wanted]])
        assert dict(cursor.fetchall()) == wanted


def test_what_the_url_says_of_a_session_goes_first(tmp_path) -> None:
    url = "postgres://u:p@db.example.com/qr?options=-c%20lock_timeout%3D3s&keepalives_idle=60"
    code = "o = s.DATABASES['default']['OPTIONS']; print(o['options'], o['keepalives_idle'], o['keepalives_count'])"
    assert start(tmp_path, code, DEBUG="on", DATABASE_URL=url).stdout == "-c lock_timeout=3s 60 3\n"


def test_the_words_of_dialect_v2_come_from_the_environment_and_default_to_the_published_ones(tmp_path) -> None:
    code = "from orders.polling import words; print(words())"
    names = ("IN_PROCESS", "NOTHING_TO_PAY", "WAITING_FOR_ORDER", "ORDER_VERSION")
    empty = {f"MERCADO_PAGO_V2_{name}": "" for name in names}
    published = start(tmp_path, code, DEBUG="on", DATABASE_URL="", REDIS_URL="", **empty).stdout
    assert "nothing_to_pay='notihing_to_pay', waiting_for_order='Waiting_for_order', order_version='2'" in published
    wanted = empty | {"MERCADO_PAGO_V2_NOTHING_TO_PAY": "nothing_to_pay "}
    mended = start(tmp_path, code, DEBUG="on", DATABASE_URL="", REDIS_URL="", **wanted).stdout
    assert "nothing_to_pay='nothing_to_pay', waiting_for_order='Waiting_for_order'" in mended


DEPLOYED = {"SECRET_KEY": "x", "FIELD_ENCRYPTION_KEYS": "c29tZS1kZXBsb3ltZW50cy1vd24ta2V5LW9mLTMyLSE=",
            "PUBLIC_URL": "https://pay.example.com", "DATABASE_URL": "", "REDIS_URL": "",
            "MERCADO_PAGO_API_URL": "https://api.mercadopago.com", "MERCADO_PAGO_AUTH_URL": ""}  # fmt: skip


def test_mail_is_sent_where_the_environment_says(tmp_path) -> None:
    url = "smtp+tls://receipts%40example.com:secret@smtp.example.com:587"
    shown = "print(s.SENDS_EMAIL, s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_USE_TLS, s.EMAIL_HOST_USER, s.DEFAULT_FROM_EMAIL)"
    ended = start(tmp_path, shown, EMAIL_URL=url, **DEPLOYED)
    assert ended.stdout.split() == [
        "True", "smtp.example.com", "587", "True", "receipts@example.com", "receipts@pay.example.com",
    ]  # fmt: skip


def test_without_a_mail_server_none_is_sent_but_to_the_console_of_a_developer(tmp_path) -> None:
    shown = "print(s.SENDS_EMAIL, s.EMAIL_BACKEND.rsplit('.')[-2])"
    assert start(tmp_path, shown, EMAIL_URL="", **DEPLOYED).stdout.split()[0] == "False"
    ended = start(tmp_path, shown, EMAIL_URL="", **DEPLOYED | {"DEBUG": "on"})
    assert ended.stdout.split() == ["True", "console"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "development-only-secret-key-never-for-production"),
        ("FIELD_ENCRYPTION_KEYS", f"{DEPLOYED['FIELD_ENCRYPTION_KEYS']},ZGV2ZWxvcG1lbnQtb25seS1ub3QtYS1zZWNyZXQtISE="),
    ],
)
def test_without_debug_a_secret_that_everybody_can_read_stops_the_start(tmp_path, name: str, value: str) -> None:
    ended = start(tmp_path, **DEPLOYED | {name: value})
    assert ended.returncode != 0
    assert f"{name} has the development value" in ended.stderr


def test_with_https_cookies_are_of_this_host_alone(tmp_path) -> None:
    shown = (
        "print(*(getattr(s, f'{name}_COOKIE_{what}') for name in ('SESSION', 'CSRF', 'LANGUAGE')"
        " for what in ('NAME', 'SECURE', 'HTTPONLY', 'SAMESITE', 'PATH', 'DOMAIN')))"
    )
    rest = ["True", "True", "Lax", "/", "None"]
    ended = start(tmp_path, shown, **DEPLOYED)
    assert ended.stdout.split() == [
        "__Host-sessionid", *rest, "__Host-csrftoken", *rest, "__Host-django_language", *rest,
    ]  # fmt: skip


def test_links_to_receipts_outlive_a_new_secret_key(tmp_path) -> None:
    sign = "from receipts.models import receipt as r; print(r._signer.sign('7'))"
    link = start(tmp_path, sign, **DEPLOYED | {"SECRET_KEY": "old"}).stdout.strip()
    read = f"from receipts.models import receipt_id_of; print(receipt_id_of({link!r}))"
    assert start(tmp_path, read, **DEPLOYED | {"SECRET_KEY": "new"}).stdout.strip() == "None"
    both = DEPLOYED | {"SECRET_KEY": "new", "SECRET_KEY_FALLBACKS": "older,old"}
    assert start(tmp_path, read, **both).stdout.strip() == "7"


def check_of_a_deployment(tmp_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    key = "jQ3x-8mT1vR6cW9zL2pY5nB7sK4dF0hG_uJ8eA3iO6tM1qX9rC"
    check = "from django.core.management import call_command as c; c('check', deploy=True, fail_level='WARNING')"
    return start(tmp_path, check, **DEPLOYED | {"SECRET_KEY": key} | env)


def test_a_deployment_passes_djangos_own_check(tmp_path) -> None:
    ended = check_of_a_deployment(tmp_path)
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stderr


@pytest.mark.parametrize("name", ["MERCADO_PAGO_API_URL", "MERCADO_PAGO_AUTH_URL"])
def test_a_deployment_that_still_talks_to_the_simulator_is_told(tmp_path, name: str) -> None:
    ended = check_of_a_deployment(tmp_path, **{name: "http://127.0.0.1:8009"})
    assert ended.returncode != 0
    assert f"{name} is http://127.0.0.1:8009: that is not Mercado Pago." in ended.stderr


@pytest.mark.parametrize(
    ("password", "is_taken"),
    [
        ("elevensigns", False),
        ("password1234", False),
        ("a-dozensigns", True),
        ("a phrase" * 16, True),
        ("a phrase" * 16 + "!", False),
    ],
)
def test_a_password_has_12_to_128_characters_and_is_not_everybodys(password: str, is_taken: bool) -> None:
    try:
        validate_password(password)
    except ValidationError:
        assert not is_taken
    else:
        assert is_taken
