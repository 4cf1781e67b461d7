"""Accounts: made, and given another token. What is live stays live, what is test stays test."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stores.models import Account, Credentials

SANDBOX = "TEST-"  # how old sandbox tokens begin; those of test users look like live ones (protocol.md §7)


@transaction.atomic
def save(
    *,
    site: str,
    user_id: int,
    access_token: str,
    is_test: bool | None = None,
    sponsor_id: int | None = None,
    corrects_site: bool = False,
    **connection: Any,
) -> Account:
    """Make the account, or give the one of this user id another token. Live stays live, and test stays test.

    What is None stays as it is; a new account is live. `corrects_site`: its
    country was entered wrongly; until it has stores or is connected.
    `connection` is what an application's grant adds.
    """
    account = Account.objects.select_for_update().filter(user_id=user_id).first()
    account = account or Account(user_id=user_id, site_code=site, is_test=bool(is_test))
    _check_same(
        account, site=site, is_test=is_test, is_connected="application" in connection, corrects_site=corrects_site
    )
    account.site_code, account.sponsor_id = site, sponsor_id or account.sponsor_id
    put_token(account, access_token, **connection)
    account.full_clean()
    account.save()
    return account


@transaction.atomic
def replace_token(account: Account, *, access_token: str) -> None:
    """Give an account another token by hand. It is no longer connected through an application."""
    account = Account.objects.select_for_update().get(pk=account.pk)
    put_token(account, access_token)
    account.save()


def put_token(
    account: Account,
    access_token: str,
    *,
    application: Any = None,
    refresh_token: str = "",
    token_expires_at: Any = None,
    token_due_at: Any = None,
) -> None:
    """Everything about the token that was there is replaced, and the new one is tested soon. Does not save."""
    check_token(access_token, user_id=account.user_id, is_test=account.is_test)
    account.access_token = access_token
    account.application, account.refresh_token = application, refresh_token
    account.token_expires_at, account.token_due_at = token_expires_at, token_due_at
    account.credentials, account.credentials_note, account.credentials_checked_at = Credentials.UNKNOWN, {}, None
    account.credentials_due_at = timezone.now()
    account.quiet_until = None  # what waited for a good token goes on


def check_token(access_token: str, *, user_id: int, is_test: bool) -> None:
    """What can be seen of a token without asking: whose it is, and that it is no sandbox's (protocol.md §7)."""
    owner = access_token.rpartition("-")[2]
    if not owner.isdecimal() or "-" not in access_token:
        text = _("This is no whole access token: it ends in a dash and the seller's user id.")
        raise ValidationError({"access_token": text})
    if owner != str(user_id):
        text = _("The access token belongs to user %(owner)s, not to %(user)s: check the user id and the token.")
        raise ValidationError({"access_token": text % {"owner": owner, "user": user_id}})
    if access_token.startswith(SANDBOX) and not is_test:
        raise ValidationError({"access_token": _("A TEST- token is for test accounts only; this account is live.")})


def _check_same(account: Account, *, site: str, is_test: bool | None, is_connected: bool, corrects_site: bool) -> None:
    is_fixed = is_connected or account.application_id is not None or (account.pk and account.stores.exists())
    if account.site_code != site and is_fixed:
        text = _("Account %(user)s belongs to %(now)s, which cannot become %(site)s.")
        raise ValidationError({"site_code": text % {"user": account.user_id, "now": account.site_code, "site": site}})
    if account.site_code != site and not corrects_site:
        text = _("Account %(user)s belongs to %(now)s, not to %(site)s. If that is a mistake, add --correct-site.")
        raise ValidationError({"site_code": text % {"user": account.user_id, "now": account.site_code, "site": site}})
    if is_test not in (None, account.is_test):
        live = _("Account %(user)s is live: the token of a test user or application cannot replace its own.")
        test = _("Account %(user)s is a test account: the token of a live one cannot replace its own.")
        raise ValidationError({"is_test": (test if account.is_test else live) % {"user": account.user_id}})
