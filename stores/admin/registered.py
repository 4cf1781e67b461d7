"""The pages of what Mercado Pago knows too: a form, a worker, and the outcome on the page."""

from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from stores.admin.badges import BAD, BUSY, GOOD, WARN, Tones
from stores.admin.base import HintingAdmin
from stores.admin.errands import start
from stores.registration import Registered, Registration
from stores.working import Work

REGISTRATION: Final[Tones] = {
    Registration.PENDING: BUSY,
    Registration.REGISTERED: GOOD,
    Registration.REFUSED: BAD,
    Registration.HOST_NOT_ENABLED: WARN,
}


class RegisteredAdmin(HintingAdmin):
    """Saving marks the row; a worker tells Mercado Pago, and the page shows what came of it."""

    actions: tuple[str, ...] = ("register_now",)
    object_actions: tuple[str, ...] = ("register_now",)

    register_work: Work  # for many of them

    class Media:
        js = ("stores/registration.js",)

    def wake(self, row: Registered) -> None:
        """Have a worker tell Mercado Pago of this row, once it is committed."""
        raise NotImplementedError

    def wake_if_pending(self, row: Registered) -> None:
        if row.registration == Registration.PENDING:
            self.wake(row)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(admin.ModelAdmin.has_add_permission(self, request))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may only look has no form that could remember what it showed."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [(name, o | {"fields": [f for f in o["fields"] if f != "seen"]}) for name, o in fieldsets]

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_registration"
        state = path("<int:pk>/registration/", self.admin_site.admin_view(self.state_view), name=name)
        return [state, *super().get_urls()]

    def state_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How its registration stands, for the page that waits for it."""
        row = self.get_queryset(request).filter(pk=pk).first()
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        return HttpResponse(_state(row))

    @admin.display(description=_("at Mercado Pago"))
    def registration_state(self, row: Registered) -> str:
        if not row.pk:
            return "–"
        url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_registration", args=[row.pk])
        return format_html('<div class="registration-state" data-url="{}">{}</div>', url, mark_safe(_state(row)))  # noqa: S308 - rendered by a template

    @admin.action(description=_("Register now at Mercado Pago"), permissions=["change"])
    def register_now(self, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
        if chosen.count() > 1:
            return start(self, request, chosen, self.register_work)
        for row in chosen:
            row.tell_again()
            self.wake(row)
        self.message_user(request, _("Mercado Pago is being told; the outcome appears here within seconds."))
        return self.back_to(chosen)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return self._show_the_outcome(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._show_the_outcome(request, obj) or super().response_change(request, obj)

    def _show_the_outcome(self, request: HttpRequest, row: Registered) -> HttpResponse | None:
        if row.registration != Registration.PENDING or "_addanother" in request.POST:
            return None
        self.message_user(request, _("Saved. Mercado Pago is being told; the outcome appears here within seconds."))
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", row.pk)


def _state(row: Registered) -> str:
    refusal = row.refusal if row.registration == Registration.REFUSED else None
    try:
        field: Any = row._meta.get_field(refusal.field).verbose_name if refusal and refusal.field else ""  # type: ignore[union-attr]
    except FieldDoesNotExist:
        field = ""
    return render_to_string("stores/registration.html", {"row": row, "refused_field": field})
