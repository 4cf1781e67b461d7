"""What the admin pages of all apps share."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django_stubs_ext import StrOrPromise

from stores.changes import changes_of, history_of, who
from stores.models import Store


class HintingAdmin(admin.ModelAdmin[Any]):
    """An empty list says what to do next. Nothing is deleted here: rows explain money, and things are switched off."""

    show_full_result_count = False
    empty_hint: StrOrPromise = ""
    change_form_template = "admin/with_actions.html"
    object_actions: tuple[str, ...] = ()  # those of `actions` that a row's own page has buttons for
    store_path: str | None = None  # from a row to its store, as in `pos__store`: people see rows of their stores only

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        if self.store_path is None or request.user.has_perm("stores.see_all_stores"):
            return rows
        return rows.filter(**{f"{self.store_path}__in": Store.objects.visible_to(request.user)})

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.get_queryset(request).exists():
            messages.info(request, self.empty_hint)
        return super().changelist_view(request, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may: dict[str, Any] = self.get_actions(request)
        url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        buttons = [{"name": n, "label": may[n][2], "url": url} for n in self.object_actions if n in may]
        context = {"object_actions": buttons, "object_id": object_id} | (extra_context or {})
        return super().change_view(request, object_id, form_url, context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who changed what of it, from what to what, above what Django notes of the admin's pages."""
        row = self.get_object(request, unquote(object_id))
        changes = [(entry.timestamp, who(entry), changes_of(entry)) for entry in history_of(row)] if row else []
        return super().history_view(request, object_id, {"changes": changes} | (extra_context or {}))

    def back_to(self, chosen: QuerySet[Any]) -> HttpResponse | None:
        """After an action: to the row's own page when it was about one row, else to the list."""
        names = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        keys = list(chosen.values_list("pk", flat=True)[:2])
        return redirect(names, keys[0]) if len(keys) == 1 else None

    def ask(self, request: HttpRequest, chosen: QuerySet[Any], action: str, **context: Any) -> HttpResponse:
        """A page between an action and its doing: `title`, `lead`, `columns`, `rows`, `form`, `submit`."""
        back = url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        keys = chosen.values_list("pk", flat=True)
        hidden = [("action", action)]
        if request.POST.get("select_across") == "1":  # all that the list's filters find, which may be too many to name
            url, keys, hidden = request.get_full_path(), keys[:1], [*hidden, ("select_across", "1")]
        hidden += [("_selected_action", key) for key in keys]
        page = {**self.admin_site.each_context(request), "opts": self.opts, "back": back, "action_url": url}
        return TemplateResponse(request, "admin/ask.html", page | {"rows": None, "hidden": hidden} | context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(HintingAdmin):
    """To look at: what happened with money is not edited."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
