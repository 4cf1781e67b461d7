"""Sellers connect their accounts to an integrator's application (OAuth; gateway.oauth says what is relied on)."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from gateway import oauth
from gateway.errors import GatewayError, NotAsked, TemporaryError
from stores import accounts, breaker
from stores.fields import seal, unseal
from stores.models import Account, Application

LASTS = timedelta(minutes=10)  # as long as Mercado Pago's code
EARLY = timedelta(days=30)  # before the end of a token it is renewed


class NotConnected(Exception):
    """Nothing was changed. Says why, and what to do, to a person; never a secret."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A connection that was begun: kept in the session of who began it, and good for one answer."""

    application_id: int
    state: str
    verifier: str
    begun_at: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def callback_url() -> str:
    """Where Mercado Pago sends the browser back to: the redirect URL to write into the application's panel."""
    return f"{settings.PUBLIC_URL}{reverse('admin:stores_application_connected')}"


def begin(application: Application) -> tuple[Attempt, str]:
    """An attempt, and the page of Mercado Pago's where the seller allows it."""
    attempt = Attempt(application.pk, oauth.make_secret(), oauth.make_secret(), timezone.now().isoformat())
    url = oauth.authorization_url(
        settings.MERCADO_PAGO_AUTH_URL or f"https://auth.{application.site.domain}",
        client_id=application.client_id,
        redirect_uri=callback_url(),
        state=attempt.state,
        verifier=attempt.verifier,
    )
    return attempt, url


def accept(kept: Mapping[str, Any] | None, answer: Mapping[str, str]) -> tuple[Application, str]:
    """Mercado Pago's answer to the attempt that was kept, sealed for `redeem`. No call. Raises NotConnected."""
    attempt = _match(kept, answer.get("state", ""))
    if declined := answer.get("error"):
        raise NotConnected(_declined(declined))
    if not (code := answer.get("code")):
        raise NotConnected(_("Mercado Pago's answer holds no code. Press “Connect a seller” again."))
    application = Application.objects.get(pk=attempt.application_id)
    return application, seal(json.dumps([code, attempt.verifier]))


def redeem(application: Application, sealed: str) -> Account:
    """Have the code that was answered exchanged for tokens. One call, good for one time. Raises NotConnected."""
    code, verifier = json.loads(unseal(sealed))
    try:
        grant = app(application).exchange(code=code, verifier=verifier, redirect_uri=callback_url())
    except GatewayError as error:
        raise NotConnected(_why(error)) from error
    return save(application, grant)


def save(application: Application, grant: oauth.Grant) -> Account:
    """Make the seller's account, or give the one that is there the granted tokens."""
    if grant.live_mode is False and not application.is_test:
        raise NotConnected(_("Mercado Pago granted a test token, but the application is live. Nothing was saved."))
    try:
        return accounts.save(
            site=application.site_code,
            user_id=grant.user_id,
            access_token=grant.access_token,
            is_test=application.is_test,
            sponsor_id=_sponsor(application, grant.user_id),
            application=application,
            **tokens(grant, timezone.now()),
        )
    except ValidationError as error:
        raise NotConnected(" ".join(error.messages)) from error


def tokens(grant: oauth.Grant, now: datetime) -> dict[str, Any]:
    """What an account keeps of a grant beside the access token. Without a refresh token it is never due."""
    lives = timedelta(seconds=grant.expires_in)
    early = min(EARLY, lives / 2)
    due = now + lives - early if grant.refresh_token else None
    return {"refresh_token": grant.refresh_token, "token_expires_at": now + lives, "token_due_at": due}


def app(application: Application) -> oauth.App:
    return oauth.App(
        settings.MERCADO_PAGO_API_URL,
        application.client_id,
        application.client_secret,
        breaker.of_application(application),
    )


def _match(kept: Mapping[str, Any] | None, state: str) -> Attempt:
    attempt = Attempt(**kept) if kept else None
    known = attempt and secrets.compare_digest(attempt.state.encode(), state.encode())
    if attempt is None or not known or timezone.now() - datetime.fromisoformat(attempt.begun_at) > LASTS:
        text = _(
            "This is no answer to a connection that was begun here in the last ten minutes. "
            "Press “Connect a seller” again."
        )
        raise NotConnected(text)
    return attempt


def _sponsor(application: Application, user_id: int) -> int | None:
    """The integrator of an account that has none yet; never the seller itself."""
    known = Account.objects.filter(user_id=user_id).values_list("sponsor_id", flat=True).first()
    return known or (application.owner_id if application.owner_id != user_id else None)


def _declined(error: str) -> str:
    if error == "access_denied":
        return _("The seller did not allow it. Nothing was changed.")
    known = error if error.replace("_", "").isalpha() and len(error) <= 40 else "?"
    return _("Mercado Pago did not ask the seller: %(error)s. Look at the application there.") % {"error": known}


def _why(error: GatewayError) -> str:
    if isinstance(error, NotAsked):
        return f"{breaker.said(error)} " + _("Press “Connect a seller” again.")
    if isinstance(error, TemporaryError):
        text = _("Mercado Pago did not answer (%(error)s). Press “Connect a seller” again.")
    elif error.code == "invalid_client":
        text = _("Mercado Pago does not know this client id with this client secret (%(error)s). Enter them anew.")
    elif error.code == "invalid_grant":
        text = _("The code was used or is too old, or the redirect URL differs from the panel's (%(error)s).")
    else:
        text = _("Mercado Pago refused (%(error)s). Nothing was changed.")
    return text % {"error": error}
