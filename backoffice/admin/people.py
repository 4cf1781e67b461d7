from typing import Any, Final

from axes.utils import reset as unlock_log_in
from django.contrib import admin, messages
from django.contrib.auth import admin as stock
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice import roles, second_factor
from backoffice.admin.forms import NewPersonForm, PersonForm
from backoffice.roles import Role
from stores.admin import HintingAdmin

admin.site.unregister((User, Group))


class RoleFilter(admin.SimpleListFilter):
    """By what people may do."""

    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Role.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


@admin.register(User)
class PersonAdmin(HintingAdmin, stock.UserAdmin):  # type: ignore[type-arg]
    """Name, role and stores. Nobody can make anybody mightier than themselves, or change who is."""

    empty_hint = _("Nobody yet.")
    form = PersonForm
    add_form = NewPersonForm
    list_display = ("username", "first_name", "last_name", "role", "stores", "has_second_factor", "is_active")
    list_filter = (RoleFilter, "managed_stores", "is_active")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password", "first_name", "last_name", "email")}),
        (_("What they may do"), {"fields": ("role", "managed_stores", "is_active", "is_superuser")}),
        (_("Log-in"), {"fields": ("has_second_factor", "last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email", "password1", "password2")}),
        (_("What they may do"), {"fields": ("role", "managed_stores")}),
    )
    readonly_fields = ("has_second_factor", "last_login", "date_joined")
    actions = ("reset_second_factor", "unlock")
    object_actions = ("reset_second_factor", "unlock")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(admin.ModelAdmin.has_add_permission(self, request))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        may = bool(super().has_change_permission(request, obj))
        return may and (not isinstance(obj, User) or _is_as_mighty(request.user, obj))

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        rows: QuerySet[User] = super().get_queryset(request)
        return rows.prefetch_related("groups", "managed_stores").select_related("second_factor")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        """The form knows who fills it in: what they may give depends on what they have."""
        form = super().get_form(request, obj, change=change, **options)
        stores = self.get_field_queryset(None, User._meta.get_field("managed_stores"), request)
        return type(form.__name__, (form,), {"by": request.user, "stores_to_give": stores})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only superusers make superusers. Who may only look is told the role and the stores, in words."""
        hidden = set() if request.user.is_superuser else {"is_superuser"}
        kept = [(n, o | {"fields": [f for f in o["fields"] if f not in hidden]}) for n, o in
                super().get_fieldsets(request, obj)]  # fmt: skip
        if obj is None or self.has_change_permission(request, obj):
            return kept
        words: dict[Any, Any] = {"role": "role", "managed_stores": "stores", "password": ""}
        return [(n, o | {"fields": [words.get(f, f) for f in o["fields"] if words.get(f, f)]}) for n, o in kept]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            return self.readonly_fields
        return (*self.readonly_fields, "role", "stores")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.give_role_and_stores()

    @admin.display(description=_("role"))
    def role(self, person: User) -> str:
        names = {group.name for group in person.groups.all()}
        named = [str(role.label) for role in Role if role.value in names]
        return ", ".join([str(_("superuser")), *named] if person.is_superuser else named) or "–"

    @admin.display(description=_("stores"))
    def stores(self, person: User) -> str:
        return ", ".join(str(store) for store in person.managed_stores.all()) or "–"

    @admin.display(description=_("second factor"), boolean=True)
    def has_second_factor(self, person: User) -> bool:
        return second_factor.of(person) is not None

    @admin.action(description=_("Reset the second factor"), permissions=["change"])
    def reset_second_factor(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        if "apply" not in request.POST:
            title = _("Reset the second factor")
            lead = _(
                "For whoever has lost the telephone and the recovery codes. Their password alone lets them in then."
            )
            rows = [(person.get_username(), person.get_full_name(), self.role(person)) for person in chosen]
            columns = (_("username"), _("name"), _("role"))
            return self.ask(request, chosen, "reset_second_factor", title=title, lead=lead, columns=columns, rows=rows,
                            submit=title)  # fmt: skip
        for person in self._changeable(request, chosen):
            if second_factor.remove(person):
                self.log_change(request, person, [{"changed": {"fields": ["second factor"]}}])
                self.message_user(request, _("%(name)s has no second factor any more.") % {"name": person})
            else:
                self.message_user(request, _("%(name)s had none.") % {"name": person}, messages.WARNING)
        return self.back_to(chosen)

    @admin.action(description=_("Unlock the log-in"), permissions=["change"])
    def unlock(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        for person in self._changeable(request, chosen):
            unlock_log_in(username=person.get_username())
            self.log_change(request, person, [{"changed": {"fields": ["log-in"]}}])
            self.message_user(request, _("%(name)s can log in again.") % {"name": person})
        return self.back_to(chosen)

    def _changeable(self, request: HttpRequest, chosen: QuerySet[User]) -> list[User]:
        kept = [person for person in chosen if self.has_change_permission(request, person)]
        if len(kept) < len(chosen):
            text = _("Left alone: who may do more than you.")
            self.message_user(request, text, messages.ERROR)
        return kept


@admin.register(Group)
class GroupAdmin(stock.GroupAdmin):
    """For superusers: with groups, anybody could give themselves anything. What a role may do, its table says."""

    list_display = ("called", "may")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [(None, {"fields": ("called", "may") if _is_role(obj) else ("name", "permissions")})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("called", "may") if _is_role(obj) else ()

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest | None = None, **options: Any) -> Any:
        field: Any = super().formfield_for_manytomany(db_field, request, **options)
        field.label_from_instance = permission_in_words
        return field

    @admin.display(description=_("name"), ordering="name")
    def called(self, group: Group) -> str:
        return capfirst(str(roles.called(group.name)))

    @admin.display(description=_("What they may do"))
    def may(self, group: Group) -> str:
        return str(roles.MAY[Role(group.name)]) if _is_role(group) else "–"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser

    has_add_permission = has_module_permission

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser and not _is_role(obj)

    has_delete_permission = has_change_permission


def _is_role(group: Any) -> bool:
    return group is not None and group.name in Role.values


_VERBS: Final = {
    "view": _("may see"), "add": _("may add"), "change": _("may change"), "delete": _("may delete"),
}  # fmt: skip


def permission_in_words(permission: Permission) -> str:
    """Django keeps its own in English: here by the model's name in the reader's language."""
    model = permission.content_type.model_class()
    verb = permission.codename.partition("_")[0]
    if model and verb in _VERBS and permission.codename == get_permission_codename(verb, model._meta):
        return f"{capfirst(str(model._meta.verbose_name_plural))}: {_VERBS[verb]}"
    return gettext(permission.name)


def _is_as_mighty(who: Any, person: User) -> bool:
    """Whether this person may do nothing that `who` may not."""
    if person.is_superuser or who.is_superuser:
        return bool(who.is_superuser)
    return bool(who.has_perms(roles.granted(person)))
