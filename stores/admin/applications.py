from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from stores import connecting, errands
from stores.admin.base import HintingAdmin
from stores.admin.errands import start
from stores.admin.secrets import ApplicationForm
from stores.models import Application

ATTEMPT = "connecting"  # where the session keeps it


@admin.register(Application)
class ApplicationAdmin(HintingAdmin):
    help_line = _("Only for integrators: applications at Mercado Pago that sellers connect their accounts to.")
    empty_hint = _(
        "No applications yet. Only an integrator who serves several sellers needs one: add it with the client id and "
        "the client secret that Mercado Pago's panel shows."
    )
    form = ApplicationForm
    list_display = ("name", "site_code", "client_id", "secret_hint", "is_test", "sellers")
    list_filter = ("site_code", "is_test")
    search_fields = ("name", "client_id")
    fields = ("name", "site_code", "client_id", "client_secret", "secret_hint", "owner_id", "is_test", "redirect_url")
    readonly_fields = ("secret_hint", "redirect_url")
    actions = ("connect",)
    object_actions = ("connect",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("stores.add_application")

    def has_connect_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("stores.add_account")

    def get_fields(self, request: HttpRequest, obj: Application | None = None) -> Any:
        """Who may only look gets no field for the secret: Django would show them what is in it."""
        hidden = "client_secret" if obj and not self.has_change_permission(request, obj) else ""
        return tuple(name for name in self.fields if name not in (hidden, "" if obj else "secret_hint"))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        """The form's own fields, among which the secret is none of the model's: it is never read to show a page."""
        if self.has_change_permission(request, obj):
            options |= {"fields": None}
        return super().get_form(request, obj, change, **options)

    def get_urls(self) -> list[Any]:
        connected = self.admin_site.admin_view(self.connected)
        return [path("connected/", connected, name="stores_application_connected"), *super().get_urls()]

    @admin.display(description=_("redirect URL"))
    def redirect_url(self, application: Application) -> str:
        return connecting.callback_url()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        rows: QuerySet[Application] = super().get_queryset(request)
        return rows.annotate(seller_count=Count("accounts"))

    @admin.display(description=_("sellers"))
    def sellers(self, application: Application) -> int:
        return application.seller_count  # type: ignore[attr-defined,no-any-return]  # annotated above

    @admin.action(description=_("Connect a seller"), permissions=["connect"])
    def connect(self, request: HttpRequest, chosen: QuerySet[Application]) -> HttpResponse | None:
        application = chosen.first()
        if application is None or chosen.count() > 1:
            self.message_user(request, _("Choose one application."), messages.ERROR)
            return None
        attempt, url = connecting.begin(application)
        request.session[ATTEMPT] = attempt.as_dict()
        # No redirect: no form of ours may lead elsewhere (see backoffice.headers), also not by way of one.
        answer = render(request, "stores/leaving.html", {"url": url})
        answer["Refresh"] = f"0; url={url}"
        return answer

    def connected(self, request: HttpRequest) -> HttpResponse:
        """Mercado Pago sends the browser back to here. What was begun answers once, whatever came of it."""
        if not self.has_connect_permission(request):
            raise PermissionDenied
        try:
            application, sealed = connecting.accept(request.session.pop(ATTEMPT, None), request.GET.dict())
        except connecting.NotConnected as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect("admin:stores_application_changelist")
        chosen, back = Application.objects.filter(pk=application.pk), reverse("admin:stores_application_changelist")
        return start(self, request, chosen, errands.CONNECT, back=back, sealed=sealed) or redirect(back)
