from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db import models
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from backoffice.admin.alarm_forms import NewRecipientForm, RecipientForm
from backoffice.alarms import telling
from backoffice.models import AlarmMessage, AlarmRecipient
from pos import hooks
from pos.addresses import WHOLE
from stores.admin import HintingAdmin
from stores.models import Store, make_token


@admin.register(AlarmRecipient)
class AlarmRecipientAdmin(HintingAdmin):
    """People see themselves and the webhooks of their stores; who sees all stores sees all."""

    help_line = _("Who is told when an alarm begins, goes on and is over: you by e-mail, or a webhook.")
    empty_hint = _("Nobody is told of alarms yet. Add yourself: then you need not look at the home page all night.")
    ask_hint = _("Nobody is told of alarms yet. Ask a station manager or an administrator.")
    store_path = "store"
    form = RecipientForm
    list_display = ("to", "how", "store", "language", "is_active", "last_sent", "last_answer")
    list_filter = ("is_active", "store")
    list_select_related = ("user", "store")
    search_fields = ("url", "user__username")
    autocomplete_fields = ("store",)
    formfield_overrides = {models.URLField: {"assume_scheme": "https", "error_messages": {"invalid": WHOLE}}}
    readonly_fields = ("to", "how", "last_sent", "last_answer")
    actions = ("send_test", "new_secret")
    object_actions = actions

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def visible_to(self, user: AbstractUser | AnonymousUser, rows: QuerySet[Any]) -> QuerySet[Any]:
        if user.has_perm("stores.see_all_stores"):
            return rows
        mine = Q(user=user.pk) | Q(user=None, store__in=Store.objects.visible_to(user))
        own: QuerySet[Any] = rows.filter(mine)
        return own

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        latest = AlarmMessage.objects.filter(recipient=OuterRef("pk"), attempts__gt=0).order_by("-pk")
        sent, answered = (Subquery(latest.values(name)[:1]) for name in ("sent_at", "answer"))
        rows: QuerySet[Any] = super().get_queryset(request).annotate(sent=sent, answered=answered)
        return rows

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        """The form knows who fills it in."""
        form = super().get_form(request, obj, change=change, **options | ({} if obj else {"form": NewRecipientForm}))
        return type(form.__name__, (form,), {"by": request.user})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("how", "url", "store", "language")
        where = ("to",) if obj.user_id else ("url",)
        return (*where, "store", "language", "is_active", "last_sent", "last_answer")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.readonly_fields if obj else ()

    def save_model(self, request: HttpRequest, obj: AlarmRecipient, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change and obj.url:
            self._show_secret(request, obj)

    @admin.display(description=_("to"), ordering="user__username")
    def to(self, recipient: AlarmRecipient) -> str:
        user = recipient.user
        return f"{user} <{user.email}>" if user else recipient.url

    @admin.display(description=_("How"))
    def how(self, recipient: AlarmRecipient) -> str:
        return str(_("Webhook") if recipient.url else _("E-mail"))

    @admin.display(description=_("last sent"))
    def last_sent(self, recipient: Any) -> str:
        return date_format(timezone.localtime(recipient.sent), "DATETIME_FORMAT") if recipient.sent else "–"

    @admin.display(description=_("last answer"))
    def last_answer(self, recipient: Any) -> str:
        return recipient.answered or "–"

    @admin.action(description=_("Send a test"), permissions=["change"])
    def send_test(self, request: HttpRequest, chosen: QuerySet[AlarmRecipient]) -> HttpResponse | None:
        for recipient in chosen:
            telling.test(recipient)
            text = _("On its way to %(recipient)s within half a minute. What came of it stands here then.")
            self.message_user(request, text % {"recipient": recipient})
        return self.back_to(chosen)

    @admin.action(description=_("New secret"), permissions=["change"])
    def new_secret(self, request: HttpRequest, chosen: QuerySet[AlarmRecipient]) -> HttpResponse | None:
        for recipient in chosen:
            if not recipient.url:
                text = _("Only a webhook has a secret: %(recipient)s gets e-mail.")
                self.message_user(request, text % {"recipient": recipient}, "WARNING")
                continue
            recipient.secret = make_token()
            recipient.save(update_fields=["secret"])
            self._show_secret(request, recipient)
        return self.back_to(chosen)

    def _show_secret(self, request: HttpRequest, recipient: AlarmRecipient) -> None:
        text = _("The secret of %(hook)s; copy it now, it is not shown again: %(secret)s")
        values = {"hook": recipient, "secret": hooks.shown(recipient.secret)}
        self.message_user(request, text % values, "WARNING")
