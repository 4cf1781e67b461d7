"""The page on which people set up their second factor, make new recovery codes, or take it away."""

from collections.abc import Callable
from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import authenticate, get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from backoffice import comings, roles, second_factor
from backoffice.models import SecondFactor


class FirstCodeForm(forms.Form):
    """Shows that the app has the secret."""

    code = forms.CharField(
        label=_("Code that the app shows"), max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )  # fmt: skip


class PasswordForm(forms.Form):
    """Whoever finds an open browser cannot take away what protects it."""

    password = forms.CharField(
        label=_("Your password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, request: HttpRequest, data: Any = None) -> None:
        super().__init__(data)
        self.request = request

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        name = self.request.user.get_username()
        if authenticate(self.request, username=name, password=password) is None:  # counted as a log-in: throttled
            raise ValidationError(_("This is not your password."))
        return password


def page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """One page for all of it: what it shows depends on how far this person is."""
    steps: dict[str, Callable[[HttpRequest], HttpResponse | dict[str, Any]]] = {
        "begin": _begin,
        "confirm": _confirm,
        "renew": _renew,
        "remove": _remove,
    }
    name = next((name for name in steps if name in request.POST), "")
    outcome = steps[name](request) if name else {}
    if isinstance(outcome, HttpResponse):
        return outcome
    factor = SecondFactor.objects.filter(user=request.user.pk).first()
    shown: dict[str, Any] = {
        "title": _("Two-factor log-in"),
        "factor": factor,
        "number": len(factor.recovery) if factor else 0,
        "is_required": roles.needs_second_factor(request.user),
        "code_form": FirstCodeForm(),
        "password_form": PasswordForm(request),
    }
    if factor and not factor.confirmed:
        shown |= {"qr": _picture(factor.address), "secret": _in_fours(factor.secret)}
    answer = TemplateResponse(request, "backoffice/two_factor.html", {**context, **shown, **outcome})
    answer["Cache-Control"] = "private, no-store"
    return answer


def _begin(request: HttpRequest) -> HttpResponse:
    second_factor.begin(request.user)  # type: ignore[arg-type]
    return redirect("admin:two_factor")


def _confirm(request: HttpRequest) -> dict[str, Any]:
    form = FirstCodeForm(request.POST)
    if form.is_valid():
        if codes := second_factor.confirm(request, form.cleaned_data["code"]):
            _write_down(request, "Second factor set up.")
            return {"recovery_codes": codes}
        comings.note_refusal(request, "a wrong first code")
        form.add_error("code", _("This is not the code of now. Is the time of your telephone right?"))
    return {"code_form": form}


def _renew(request: HttpRequest) -> dict[str, Any]:
    form = PasswordForm(request, request.POST)
    factor = second_factor.of(request.user)
    if factor and form.is_valid():
        _write_down(request, "New recovery codes.")
        return {"recovery_codes": factor.new_recovery_codes()}
    return {"password_form": form}


def _remove(request: HttpRequest) -> HttpResponse | dict[str, Any]:
    form = PasswordForm(request, request.POST)
    if not form.is_valid():
        return {"password_form": form}
    second_factor.remove(request.user)  # type: ignore[arg-type]
    _write_down(request, "Second factor removed.")
    messages.success(request, _("From now on your password is enough to log in."))
    return redirect("admin:two_factor")


def _write_down(request: HttpRequest, what: str) -> None:
    """In the history of the person, and in the log."""
    comings.note(request, what.rstrip("."))
    person = get_user_model().objects.get(pk=_pk(request))
    LogEntry.objects.log_actions(person.pk, [person], CHANGE, what, single_object=True)


def _pk(request: HttpRequest) -> int:
    return int(request.user.pk or 0)


def _picture(address: str) -> str:
    """Drawn here: the secret goes to nobody else."""
    return mark_safe(segno.make(address, error="m").svg_inline(border=4, light="#fff", omitsize=True))  # noqa: S308 - drawn here


def _in_fours(secret: str) -> str:
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
