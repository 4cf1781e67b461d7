"""Secrets in forms: written, never shown."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stores import accounts
from stores.models import Account, Application


class SecretField(forms.CharField):
    """What is typed is never sent back to the page, also not when the form has an error."""

    def __init__(self, **options: Any) -> None:
        attrs = {"autocomplete": "new-password", "size": 60}
        super().__init__(widget=forms.PasswordInput(attrs=attrs, render_value=False), **options)


class TokenForm(forms.Form):
    """Another access token for an account that is there."""

    access_token = SecretField(label=_("Access token"))

    def __init__(self, *args: Any, account: Account, **options: Any) -> None:
        super().__init__(*args, **options)
        self.account = account

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("access_token"):
            accounts.check_token(data["access_token"], user_id=self.account.user_id, is_test=self.account.is_test)
        return data


class NewAccountForm(forms.ModelForm[Account]):
    """An account whose token was given to us."""

    access_token = SecretField(
        label=_("Access token"),
        help_text=_("From the seller's own application at Mercado Pago. It is kept encrypted and never shown again."),
    )

    class Meta:
        model = Account
        fields = ("site_code", "user_id", "sponsor_id", "is_test")
        error_messages = {
            "user_id": {"unique": _("There is an account of this user already: open it and renew its token there.")}
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("access_token") and data.get("user_id"):
            accounts.check_token(data["access_token"], user_id=data["user_id"], is_test=data["is_test"])
        return data

    def save(self, commit: bool = True) -> Account:
        accounts.put_token(self.instance, self.cleaned_data["access_token"])
        return super().save(commit)


class ApplicationForm(forms.ModelForm[Application]):
    """An application; its secret is asked for once, and then only to replace it."""

    client_secret = SecretField(label=_("Client secret"))

    class Meta:
        model = Application
        fields = ("name", "site_code", "client_id", "owner_id", "is_test")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.fields["client_secret"].required = False
            self.fields["client_secret"].help_text = _("Leave it empty to keep the one that is there.")

    def save(self, commit: bool = True) -> Application:
        self.instance.client_secret = self.cleaned_data["client_secret"] or self.instance.client_secret
        return super().save(commit)
