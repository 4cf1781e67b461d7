"""Whose rows a person sees. Every admin class says where its store is; what says nothing is the whole chain's."""

from typing import Any, NoReturn, cast

from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from stores.models import Store


class ScopedAdmin(admin.ModelAdmin[Any]):
    """Lists, filters, choices, autocompletes and pages hold what belongs to a person's stores; all else is a 404."""

    # From a row to its store, as in `pos__store`; several where any of them counts. Empty: only for those who see all.
    store_path: str | tuple[str, ...] = ()

    def visible_to(self, user: AbstractUser | AnonymousUser, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of these rows that this person may know of."""
        if user.has_perm("stores.see_all_stores"):
            return rows
        paths = (self.store_path,) if isinstance(self.store_path, str) else self.store_path
        stores = Store.objects.visible_to(user)
        among = Q()
        for path in paths:
            among |= Q(**{f"{path}__in": stores.values("pk")})
        return rows.filter(among) if paths else rows.none()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.visible_to(request.user, super().get_queryset(request))

    def get_ordering(self, request: HttpRequest) -> Any:
        """As Django's lists do, also where one page after the other is fetched for a field."""
        return super().get_ordering(request) or self.opts.ordering or ("-pk",)

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        """What a form offers is what the other one's list would show this person."""
        rows = _listed(self.admin_site, db_field.remote_field.model, request)
        return super().get_field_queryset(db, db_field, request) if rows is None else rows

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """An action that this person is not offered is refused, not passed over."""
        if request.method == "POST" and request.POST.get("action", "") not in ("", *self.get_actions(request)):
            raise PermissionDenied
        return super().changelist_view(request, extra_context)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> NoReturn:
        """Django's would lead to the front page: a row of another's store is as good as none."""
        raise Http404


class ScopedFilter(admin.RelatedFieldListFilter):
    """Offers what the other one's list would show this person; any other value is a 404, as the row itself is."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        rows = _listed(model_admin.admin_site, field.remote_field.model, request)
        if rows is None:
            return super().field_choices(field, request, model_admin)
        offered = [(str(row.pk), str(row)) for row in rows]
        chosen = cast("list[str] | None", self.lookup_val)  # of an address that names it once or several times
        if not {key for key, _label in offered}.issuperset(chosen or ()):
            raise Http404
        return offered


admin.FieldListFilter.register(lambda field: bool(field.remote_field), ScopedFilter, take_priority=True)


def _listed(site: admin.AdminSite, model: Any, request: HttpRequest) -> QuerySet[Any] | None:
    try:
        other = site.get_model_admin(model)
    except NotRegistered:
        return None
    if not isinstance(other, ScopedAdmin):
        return None
    named_with = other.list_select_related  # a row's name may speak of these
    rows = other.get_queryset(request)
    return rows.select_related(*named_with) if isinstance(named_with, tuple) else rows
