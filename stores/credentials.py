"""Is an account's access token what it should be? Asks Mercado Pago whose it is; changes nothing there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from gateway.errors import GatewayError, NotAsked
from gateway.remote import RemoteUser
from stores import breaker
from stores.fields import Unreadable
from stores.models import Account, Credentials
from stores.services import connect

LEASE = timedelta(minutes=1)  # longer than the slowest answer: nobody else tests it meanwhile


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a test, and the sentence that says what to do."""

    credentials: Credentials
    text: str  # before its translation: whoever reads it has a language of their own
    values: dict[str, Any]

    @property
    def sentence(self) -> str:
        return gettext(self.text) % self.values

    @property
    def note(self) -> dict[str, Any]:
        """As it is kept: see `Account.credentials_sentence`."""
        return {"text": self.text, "values": self.values}


def ask_for_test(account: Account) -> None:
    """Within seconds a worker tests it."""
    Account.objects.filter(pk=account.pk).update(credentials_due_at=timezone.now())


def lease(now: datetime, *, limit: int) -> list[int]:
    """The accounts to test now. What is not done by the end of its lease is due again."""
    due = Account.objects.due_for_a_test(now).values_list("pk", "credentials_due_at")[:limit]
    taken = Account.objects.filter
    return [key for key, at in due if taken(pk=key, credentials_due_at=at).update(credentials_due_at=now + LEASE)]


def check(account: Account) -> Verdict:
    """Ask, and keep the answer with the account. Raises nothing that Mercado Pago does."""
    try:
        verdict = _ask(account)
    except NotAsked as error:  # nothing new is known: who waits for a test has it after the lease
        return Verdict(Credentials.UNREACHABLE, *breaker.sentence(error))
    _keep(account, verdict)
    return verdict


def _ask(account: Account) -> Verdict:
    try:
        return _compare(account, connect(account, about=account).me())
    except NotAsked:
        raise
    except GatewayError as error:
        if error.status in (401, 403):
            text = _("Mercado Pago refuses the access token: it is wrong, expired or withdrawn. Renew it.")
            return Verdict(Credentials.WRONG_TOKEN, text, {})
        text = _("Mercado Pago could not be asked (%(error)s). That says nothing about the token: test it again later.")
        return Verdict(Credentials.UNREACHABLE, text, {"error": str(error)[:200]})
    except Unreadable as error:
        return Verdict(Credentials.WRONG_TOKEN, "%(error)s", {"error": str(error)})


def _compare(account: Account, user: RemoteUser) -> Verdict:
    """Whose token it is must be the account's, of its country, and live or test as the account is."""
    if user.id != account.user_id:
        text = _("The access token belongs to user %(owner)s (%(site)s), not to %(user)s: enter the right one.")
        values = {"owner": user.id, "site": user.site_id or "?", "user": account.user_id}
        return Verdict(Credentials.WRONG_USER, text, values)
    if user.site_id not in ("", account.site_code):
        text = _(
            "User %(user)s is of %(theirs)s, but this account says %(ours)s. Until it has stores, manage.py "
            "create_account with the right --site and --correct-site corrects it."
        )
        values = {"user": user.id, "theirs": user.site_id, "ours": account.site_code}
        return Verdict(Credentials.WRONG_USER, text, values)
    if user.is_test_user and not account.is_test:
        text = _(
            "User %(user)s is a test user, but this account is live: nobody's money would arrive. Until it has stores, "
            "its page can say that it is a test account."
        )
        return Verdict(Credentials.WRONG_USER, text, {"user": user.id})
    return Verdict(Credentials.GOOD, _("The access token is good: user %(user)s."), {"user": user.id})


@transaction.atomic
def _keep(account: Account, verdict: Verdict) -> None:
    now = Account.objects.select_for_update().get(pk=account.pk)
    if not _is_same_token(now, account):
        return  # another token came meanwhile: it has a test of its own
    now.credentials, now.credentials_note = verdict.credentials, verdict.note
    now.credentials_checked_at, now.credentials_due_at = timezone.now(), None
    now.save(
        update_fields=["credentials", "credentials_note", "credentials_checked_at", "credentials_due_at"],
    )


def _is_same_token(now: Account, then: Account) -> bool:
    try:
        return now.access_token == then.access_token
    except Unreadable:
        return True
