"""The forms of people: who they are, one role, their stores."""

from typing import Any

from django import forms
from django.contrib.auth.forms import UserChangeForm, UserCreationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _

from backoffice import roles
from backoffice.roles import Role
from stores.models import Store


class RoleFields(forms.Form):
    """A role that whoever fills this in may give, and stores that they see."""

    role = forms.ChoiceField(
        label=capfirst(_("role")), required=False,
        help_text=format_lazy("{} {} {} {}", *roles.MAY.values()),
    )  # fmt: skip
    managed_stores = forms.ModelMultipleChoiceField(
        Store.objects.none(), label=capfirst(_("stores")), required=False,
        help_text=_("Of station managers and cashiers; the others see all stores."),
    )  # fmt: skip

    by: Any = None  # who fills it in
    stores_to_give: Any = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        person: User = self.instance  # type: ignore[attr-defined]
        own = roles.role_of(person)
        if "role" in self.fields:
            given = [role for role in Role if self.by.has_perms(roles.permissions_of(role))]
            choices = [("", "—"), *((role.value, role.label) for role in Role if role in given or role == own)]
            self.fields["role"].choices = choices  # type: ignore[attr-defined]
            self.fields["role"].initial = own.value if own else ""
        if "managed_stores" in self.fields:
            self.fields["managed_stores"].queryset = self.stores_to_give  # type: ignore[attr-defined]
            self.fields["managed_stores"].initial = list(person.managed_stores.all()) if person.pk else []
        if person.pk and person.pk == self.by.pk:
            for name in ("role", "is_active", "is_superuser"):  # nobody locks themselves out
                if name in self.fields:
                    self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("role") in (Role.STATION_MANAGER, Role.CASHIER) and not cleaned.get("managed_stores"):
            raise ValidationError(
                {"managed_stores": _("Choose the stores of this person: without any they see nothing.")}
            )
        return cleaned

    def give_role_and_stores(self) -> None:
        """Once the person is saved. Stores that whoever filled this in does not see are left as they are."""
        person: User = self.instance  # type: ignore[attr-defined]
        role = Role(self.cleaned_data["role"]) if self.cleaned_data.get("role") else None
        if "role" in self.changed_data or role is None:
            roles.give(person, role)
        if "managed_stores" in self.changed_data:
            person.managed_stores.remove(*self.stores_to_give.filter(managers=person))
            person.managed_stores.add(*self.cleaned_data["managed_stores"])


class PersonForm(RoleFields, UserChangeForm[User]):
    """Somebody who is there."""

    def save(self, commit: bool = True) -> User:
        self.instance.is_staff = True  # people have nothing but the back-office to log in to
        return super().save(commit)


class NewPersonForm(RoleFields, UserCreationForm[User]):
    """Somebody new."""

    class Meta(UserCreationForm.Meta):
        fields = ("username", "first_name", "last_name", "email")

    def save(self, commit: bool = True) -> User:
        self.instance.is_staff = True
        return super().save(commit)
