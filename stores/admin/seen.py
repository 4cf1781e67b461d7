"""Two people with the same page open: the second one is told, instead of undoing what the first one did."""

import hashlib
from typing import Any

from django import forms
from django.forms.models import model_to_dict
from django.utils.translation import gettext_lazy as _


class SeenForm(forms.ModelForm[Any]):
    """Remembers in the page what it showed, and refuses to save over anything else."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._now = _digest(self.instance, self.base_fields)
        if "seen" in self.fields:
            self.fields["seen"].initial = self._now

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk and cleaned.get("seen") not in ("", None, self._now):
            text = _("Somebody else has changed this meanwhile. Load the page again to see it, then make your change.")
            raise forms.ValidationError(text)
        return cleaned


def _digest(instance: Any, fields: Any) -> str:
    shown = model_to_dict(instance, fields=[*fields]) if instance.pk else {}
    return hashlib.sha256(repr(sorted(shown.items())).encode()).hexdigest()[:16]
