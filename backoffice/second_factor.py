"""Setting up a second factor, asking for it, and taking it away."""

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db import transaction
from django.http import HttpRequest
from django_otp import login

from backoffice import roles
from backoffice.models import SecondFactor


def of(user: AbstractUser | AnonymousUser) -> SecondFactor | None:
    """The one that is in use."""
    factor: SecondFactor | None = getattr(user, "second_factor", None)
    return factor if factor and factor.confirmed else None


def is_missing(request: HttpRequest) -> bool:
    """Whether the password was given, and the code is still to come."""
    return of(request.user) is not None and not is_given(request)


def is_given(request: HttpRequest) -> bool:
    return getattr(request.user, "otp_device", None) is not None


def must_be_set_up(request: HttpRequest) -> bool:
    """Whether this person may do nothing else before."""
    return not is_given(request) and roles.needs_second_factor(request.user)


@transaction.atomic
def give(request: HttpRequest, code: str) -> bool:
    """Take the code of a person whose password was right. A recovery code is used up by it."""
    factor = _locked(request.user, confirmed=True)
    if factor is None or not factor.verify_token(code):
        return False
    _let_in(request, factor)
    return True


@transaction.atomic
def begin(user: AbstractUser) -> None:
    """A new secret for the app, not in use before its first code was given."""
    SecondFactor.objects.filter(user=user, confirmed=False).delete()
    SecondFactor.objects.get_or_create(user=user, defaults={"confirmed": False, "name": user.get_username()[:64]})


@transaction.atomic
def confirm(request: HttpRequest, code: str) -> list[str]:
    """Put it to use; the recovery codes, or nothing when the code is wrong."""
    factor = _locked(request.user, confirmed=False)
    if factor is None or not factor.verify_token(code):
        return []
    factor.confirmed = True
    factor.save()
    _let_in(request, factor)
    return factor.new_recovery_codes()


def remove(user: AbstractUser) -> bool:
    """Whether there was one. Who needs one has to set up another at the next log-in."""
    count, _rows = SecondFactor.objects.filter(user=user).delete()
    return bool(count)


def _let_in(request: HttpRequest, factor: SecondFactor) -> None:
    """In a new session: whoever knew the one from before the code must not have what it opens now."""
    login(request, factor)
    request.session.cycle_key()


def _locked(user: AbstractUser | AnonymousUser, *, confirmed: bool) -> SecondFactor | None:
    rows = SecondFactor.objects.select_for_update().filter(user=user.pk, confirmed=confirmed)
    found: SecondFactor | None = rows.first()
    return found
