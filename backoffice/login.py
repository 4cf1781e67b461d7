"""The log-in: the password, with a pause after some wrong ones; then the code of whoever has a second factor."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice import comings, pauses, second_factor


class LogInForm(AdminAuthenticationForm):
    """Says that it is a pause, and for how long, instead of that the password is wrong."""

    def get_invalid_login_error(self) -> ValidationError:
        if not pauses.is_paused(self.request):
            return super().get_invalid_login_error()
        if pauses.is_long(self.request):
            return ValidationError(
                _("Too many wrong log-ins within an hour. Wait an hour, or ask a chain administrator.")
            )
        text = _(
            "Too many wrong log-ins as “%(name)s” from here. Wait %(minutes)s minutes, or ask a chain administrator to "
            "unlock it."
        )
        minutes = int(pauses.length(self.request).total_seconds() // 60)
        return ValidationError(text, params={"name": self.cleaned_data.get("username"), "minutes": minutes})


class CodeForm(forms.Form):
    """The code of the app, or one of the recovery codes."""

    code = forms.CharField(
        label=_("Code"), max_length=40, help_text=_("Of your authenticator app, or one of your recovery codes."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )  # fmt: skip

    def __init__(self, request: HttpRequest, data: Any = None) -> None:
        super().__init__(data)
        self.request = request

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        factor = second_factor.of(self.request.user)
        if factor and not factor.verify_is_allowed()[0]:
            comings.note_refusal(self.request, "a code during the pause after a wrong one")
            raise ValidationError(_("After a wrong code there is a pause. Wait a moment, then try again."))
        if not second_factor.give(self.request, code):
            comings.note_refusal(self.request, "a wrong code, or one that was used before")
            raise ValidationError(_("This code is not right, or was used before. Wait for the next one of the app."))
        comings.note(self.request, "right code")
        return code
