"""Tokens of connected accounts are renewed before they expire.

A renewal uses the refresh token up and brings another (protocol.md §7), so two at once would lose the connection:
`token_due_at` is moved on, by one of them only, before Mercado Pago is asked.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from gateway import oauth
from gateway.errors import GatewayError, PermanentError
from gateway.oauth import Grant
from stores import accounts
from stores.connecting import app, tokens
from stores.models import Account, Credentials

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=10)  # much longer than the slowest answer


def renew(account_id: int) -> bool:
    """Renew the tokens if it is time, and nobody else does it. Whether they were."""
    account = Account.objects.select_related("application").get(pk=account_id)
    leased = _lease(account, timezone.now())
    if leased is None or account.application is None:
        return False
    try:
        grant = app(account.application).renew(account.refresh_token)
        _check(account, grant)
    except GatewayError as error:
        _failed(account, leased, error)
        return False
    return _keep(account, leased, grant)


def _lease(account: Account, now: datetime) -> datetime | None:
    due = account.token_due_at
    if due is None or due > now:
        return None
    until = now + LEASE
    taken = Account.objects.filter(pk=account.pk, token_due_at=due).update(token_due_at=until)
    return until if taken else None


def _check(account: Account, grant: Grant) -> None:
    """Another seller's tokens are never taken for this one's; by now the refresh token is used up."""
    try:
        accounts.check_token(grant.access_token, user_id=account.user_id, is_test=account.is_test)
    except ValidationError as error:
        raise PermanentError(" ".join(error.messages), code="invalid_grant") from error


def _keep(account: Account, leased: datetime, grant: Grant) -> bool:
    """Both tokens at once; unless the account was connected anew meanwhile, whose tokens are younger."""
    now = timezone.now()
    values: dict[str, Any] = {"access_token": grant.access_token, "credentials_due_at": now, **tokens(grant, now)}
    kept = Account.objects.filter(pk=account.pk, token_due_at=leased).update(**values)
    logger.info("account %s: token %s", account, "renewed" if kept else "was replaced by hand meanwhile")
    return bool(kept)


def _failed(account: Account, leased: datetime, error: GatewayError) -> None:
    """Tried again after the lease, until Mercado Pago says that it never will be. The old token works until its end."""
    logger.warning("account %s: its token could not be renewed: %s", account, error)
    if not oauth.is_refused(error):
        return
    text = _("The token cannot be renewed any more (%(error)s): the seller must be connected again, before %(end)s.")
    end = account.token_expires_at.date().isoformat() if account.token_expires_at else "?"
    values = {"error": str(error)[:200], "end": end}
    Account.objects.filter(pk=account.pk, token_due_at=leased).update(
        token_due_at=None, credentials=Credentials.WRONG_TOKEN, credentials_note={"text": text, "values": values}
    )
