"""What the admin pages of all apps share."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django_stubs_ext import StrOrPromise

from stores.admin.asked import AskedAdmin
from stores.admin.badges import Tones, column
from stores.admin.counting import FrugalPaginator
from stores.admin.reasons import ReasonForm
from stores.admin.saving import SavingAdmin
from stores.admin.scope import ScopedAdmin
from stores.admin.searching import SearchingAdmin
from stores.admin.shown import ShowingAdmin
from stores.changes import changes_of, history_of, who


def came_from(request: HttpRequest) -> str:
    """The page that offered an action, if it was another one than the list: where the action leads back to."""
    back = request.POST.get("back", "")
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else ""


class Further(HttpResponseRedirect):
    """An action's answer that leads to a page of its own: it is not over yet, and the browser's Back can come there."""


def _long_actions() -> str:
    return reverse("admin:stores_errand_changelist")


class HintingAdmin(ShowingAdmin, SearchingAdmin, AskedAdmin, SavingAdmin, ScopedAdmin):
    """An empty list says what to do next. Nothing is deleted here: rows explain money, and things are switched off."""

    paginator = FrugalPaginator
    show_full_result_count = False
    list_per_page = 50  # a screen or two: each row costs its share of the page's time
    show_facets = admin.ShowFacets.NEVER  # each would count all rows
    empty_hint: StrOrPromise = ""
    ask_hint: StrOrPromise = ""  # the same for who may not add what the hint says to add: whom to ask
    help_line: StrOrPromise = ""  # under the title of its list, where a newcomer would hesitate
    badges: ClassVar[Mapping[str, Tones]] = {}  # fields that its list shows as badges
    change_form_template = "admin/with_actions.html"
    change_list_template = "admin/exported_list.html"
    exported_as: str | None = None  # what `/admin/export/<name>.csv` calls the rows of this list
    object_actions: tuple[str, ...] = ()  # those of `actions` that a row's own page has buttons for
    object_pages: tuple[tuple[str, StrOrPromise], ...] = ()  # names and labels of further pages about one row

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [self._badge(n) if n in self.badges else self.shown(n) for n in super().get_list_display(request)]

    def _badge(self, name: Any) -> Any:
        return column(self.opts.get_field(name), self.badges[name], self.worded.get(name))

    def get_sortable_by(self, request: HttpRequest) -> list[Any]:
        return self.all_shown(super().get_sortable_by(request))

    @admin.display(description=mark_safe('<input type="checkbox" id="action-toggle">'))
    def action_checkbox(self, obj: Model) -> SafeString:
        """As Django's, which asks four templates for each row."""
        label = format_html(gettext("Select this object for an action - {}"), str(obj))
        box = '<input type="checkbox" name="{}" value="{}" class="action-select" aria-label="{}">'
        return format_html(box, ACTION_CHECKBOX_NAME, obj.pk, label)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.get_queryset(request).exists():
            may_add = self.has_add_permission(request) or not self.ask_hint
            messages.info(request, self.empty_hint if may_add else self.ask_hint)
        answer = super().changelist_view(request, extra_context)
        back = came_from(request)
        # A long action goes by its own page, which leads back there in the end.
        leads_on = isinstance(answer, Further)
        is_over = isinstance(answer, HttpResponseRedirect) and not answer.url.startswith(_long_actions())
        return redirect(back) if back and is_over and not leads_on else answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may: dict[str, Any] = self.get_actions(request)
        url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        buttons = [{"name": n, "label": may[n][2], "url": url} for n in self.object_actions if n in may]
        further = self.get_object_pages(object_id) if object_id.isdecimal() else []  # what is no row is not found
        pages = [{"label": label, "url": reverse(page, args=[object_id])} for page, label in further]
        context = {"object_actions": buttons, "object_pages": pages, "object_id": object_id} | (extra_context or {})
        return super().change_view(request, object_id, form_url, context)

    def get_object_pages(self, object_id: str) -> list[tuple[str, StrOrPromise]]:
        return list(self.object_pages)

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
        """A page between an action and its doing: `title`, `lead`, `columns`, `rows`, `form`, `submit`, `back`.

        `keep` is sent along with the button: names and values.
        """
        back = url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        keys = chosen.values_list("pk", flat=True)
        hidden = [("action", action), *context.pop("keep", ())]
        if request.POST.get("select_across") == "1":  # all that the list's filters find, which may be too many to name
            url, keys, hidden = request.get_full_path(), keys[:1], [*hidden, ("select_across", "1")]
        hidden += [("_selected_action", key) for key in keys]
        if request.POST.get("back"):
            hidden.append(("back", request.POST["back"]))
        page = {**self.admin_site.each_context(request), "opts": self.opts, "back": back, "action_url": url}
        return TemplateResponse(request, "admin/ask.html", page | {"rows": None, "hidden": hidden} | context)

    def ask_why(
        self,
        request: HttpRequest,
        chosen: QuerySet[Any],
        action: str,
        *,
        title: StrOrPromise,
        lead: StrOrPromise,
        **context: Any,
    ) -> tuple[str, HttpResponse | None]:
        """A reason, or the page that asks for it: what takes something off the attention queue needs one."""
        form = ReasonForm(request.POST if "apply" in request.POST else None)
        if form.is_valid():
            return form.cleaned_data["reason"], None
        page = {"title": title, "lead": lead, "form": form, "submit": title} | context
        return "", self.ask(request, chosen, action, **page)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(HintingAdmin):
    """To look at: what happened with money is not edited."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        sets: Any = super().get_fieldsets(request, obj)
        return [(name, options | {"fields": self.all_shown(options["fields"])}) for name, options in sets]
