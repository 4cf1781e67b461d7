from django import forms
from django.utils.translation import gettext_lazy as _

from stores.setting_aside import LONGEST, SHORTEST


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("reason"),
        min_length=SHORTEST,
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"size": 60}),
        error_messages={
            "required": _("Say why: it is written down with your name."),
            "min_length": _("Say why in a few words, so that others understand it later."),
        },
    )
