from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Exists, OuterRef, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from pos import errands, hooks
from pos.addresses import WHOLE
from pos.models import Hook, HookDelivery
from stores.admin import HintingAdmin, ReadOnlyAdmin, start
from stores.admin.badges import BAD, BUSY, CALM, GOOD, badge

_SHORT, _SHORTER = 80, 30  # characters
STATES: dict[str, tuple[StrOrPromise, dict[str, Any]]] = {
    "waiting": (_("waiting"), {"due_at__isnull": False}),
    "delivered": (_("delivered"), {"delivered_at__isnull": False}),
    "given_up": (_("given up"), {"failed_at__isnull": False}),
    "dropped": (_("dropped"), {"due_at": None, "delivered_at": None, "failed_at": None}),
}


@admin.register(Hook)
class HookAdmin(HintingAdmin):
    help_line = _(
        "Addresses of your own systems that are told what happens to orders. Its secret is shown once, when it is made."
    )
    store_path = ("store", "pos__store")
    ask_hint = _("There is no webhook at your stores. A station manager adds it here: ask yours, or an administrator.")
    empty_hint = _("No webhooks yet. Add one, and controllers are told what happens to their orders.")
    list_display = ("url", "store", "pos", "is_active", "created_at")
    list_filter = ("is_active", "store")
    list_select_related = ("store", "pos")
    search_fields = ("url",)
    fields = ("store", "pos", "url", "is_active")
    autocomplete_fields = ("store", "pos")
    formfield_overrides = {models.URLField: {"assume_scheme": "https", "error_messages": {"invalid": WHOLE}}}
    actions = ("send_test", "new_secret")
    object_actions = ("send_test", "new_secret")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def save_model(self, request: HttpRequest, obj: Hook, form: ModelForm[Hook], change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change:  # the address was mended, or it is switched on again
            hooks.hurry(HookDelivery.objects.filter(hook=obj))
        else:
            self._show_secret(request, obj, hooks.shown_secret(obj))

    @admin.action(description=_("Send a test event"), permissions=["change"])
    def send_test(self, request: HttpRequest, chosen: QuerySet[Hook]) -> HttpResponse | None:
        return start(self, request, chosen, errands.PING)

    @admin.action(description=_("New secret"), permissions=["change"])
    def new_secret(self, request: HttpRequest, chosen: QuerySet[Hook]) -> HttpResponse | None:
        for hook in chosen:
            self._show_secret(request, hook, hooks.renew_secret(hook))
        return self.back_to(chosen)

    def _show_secret(self, request: HttpRequest, hook: Hook, secret: str) -> None:
        text = _("The secret of %(hook)s; copy it now, it is not shown again: %(secret)s")
        self.message_user(request, text % {"hook": hook, "secret": secret}, "WARNING")


class StateFilter(admin.SimpleListFilter):
    """How far it came."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, label) for name, (label, _condition) in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[HookDelivery]) -> QuerySet[HookDelivery]:
        _label, condition = STATES.get(self.value() or "", ("", {}))
        return queryset.filter(**condition)


@admin.register(HookDelivery)
class HookDeliveryAdmin(ReadOnlyAdmin):
    help_line = _("Each message to a webhook, in order. One that waits holds back those behind it.")
    store_path = ("hook__store", "hook__pos__store")
    empty_hint = _("None yet. They appear when something happens to an order of a store that has a webhook.")
    list_display = ("state", "attempts", "next_try", "short_answer", "event", "created_at", "short_hook")
    list_filter = (StateFilter, "event", "hook")
    list_select_related = ("hook",)
    search_fields = ("event", "answer", "body")
    fields = (
        "created_at",
        "event",
        "hook",
        "state",
        "attempts",
        "next_try",
        "delivered_at",
        "failed_at",
        "answer",
        "body",
        "set_aside_by",
        "set_aside_because",
    )
    readonly_fields = ("state", "next_try")
    actions = ("redeliver", "drop")
    object_actions = ("redeliver", "drop")

    def has_redeliver_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("pos.change_hook")

    def get_queryset(self, request: HttpRequest) -> QuerySet[HookDelivery]:
        before = HookDelivery.objects.filter(hook=OuterRef("hook"), pk__lt=OuterRef("pk"), due_at__isnull=False)
        deliveries: QuerySet[HookDelivery] = super().get_queryset(request)
        return deliveries.annotate(is_queued=Exists(before))

    @admin.display(description=_("state"))
    def state(self, delivery: HookDelivery) -> str:
        if delivery.due_at:
            return badge(STATES["waiting"][0], BUSY)
        reached = "delivered" if delivery.delivered_at else "given_up" if delivery.failed_at else "dropped"
        return badge(STATES[reached][0], {"delivered": GOOD, "given_up": BAD}.get(reached, CALM))

    @admin.display(description=_("next attempt"), ordering="due_at")
    def next_try(self, delivery: HookDelivery) -> StrOrPromise | datetime | None:
        if delivery.due_at and getattr(delivery, "is_queued", False):
            return _("waits for the one before it")
        return delivery.due_at

    @admin.display(description=_("last answer"), ordering="answer")
    def short_answer(self, delivery: HookDelivery) -> str:
        return Truncator(delivery.answer).chars(_SHORT)

    @admin.display(description=_("webhook"), ordering="hook")
    def short_hook(self, delivery: HookDelivery) -> str:
        return Truncator(delivery.hook.url.partition("://")[2]).chars(_SHORTER)

    @admin.action(description=_("Redeliver"), permissions=["redeliver"])
    def redeliver(self, request: HttpRequest, chosen: QuerySet[HookDelivery]) -> HttpResponse | None:
        self.message_user(request, _("Sent again within seconds: %(count)s.") % {"count": hooks.redeliver(chosen)})
        return self.back_to(chosen)

    @admin.action(description=_("Drop: it need not be delivered"), permissions=["redeliver"])
    def drop(self, request: HttpRequest, chosen: QuerySet[HookDelivery]) -> HttpResponse | None:
        title, lead = _("Drop: it need not be delivered"), _("The controllers are not told of it any more.")
        reason, page = self.ask_why(request, chosen, "drop", title=title, lead=lead)
        if page:
            return page
        count = hooks.drop(chosen, actor=str(request.user), reason=reason)
        self.message_user(request, _("Dropped: %(count)s.") % {"count": count})
        return self.back_to(chosen)
