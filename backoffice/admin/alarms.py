from datetime import datetime
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from backoffice.alarms import snoozing, words
from backoffice.models import Alarm
from backoffice.models.case import of_places_of
from stores.admin import ReadOnlyAdmin
from stores.admin.badges import BAD, CALM, WARN, badge
from stores.times import written

_TOLD: Final = 50  # the newest: who lets an alarm go on for weeks is reminded often


class StateFilter(admin.SimpleListFilter):
    """Whether it is over."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("running", _("going on")), ("over", _("over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alarm]) -> QuerySet[Alarm]:
        match self.value():
            case "running":
                return queryset.filter(ended_at=None, quiet_since=None)
            case "over":
                return queryset.exclude(ended_at=None, quiet_since=None)
        return queryset


@admin.register(Alarm)
class AlarmAdmin(ReadOnlyAdmin):
    """What is wrong, and was; people only snooze it."""

    help_line = _("What is wrong now, and was before. Alarms end by themselves when their cause is gone.")
    empty_hint = _("None: nothing was wrong so far. Who is told when something is: see “Alarm recipients”.")
    store_path = "store"
    list_display = ("state", "what", "place", "began", "ended", "snoozed")
    list_display_links = ("state", "what")
    list_filter = (StateFilter, "kind", "store")
    list_select_related = ("store__account", "account")
    search_fields = ("label",)
    fields = ("state", "what", "advice", "where", "place", "began", "ended", "snoozed", "reminder", "who_was_told")
    readonly_fields = fields
    actions = ("snooze_an_hour", "snooze_a_shift", "snooze_until_tomorrow", "wake")
    object_actions = actions

    def visible_to(self, user: AbstractUser | AnonymousUser, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(of_places_of(user))

    def has_snooze_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("backoffice.change_alarm")

    @admin.display(description=_("state"), ordering="ended_at")
    def state(self, alarm: Alarm) -> str:
        if alarm.ended_at or alarm.quiet_since:
            return badge(_("over"), CALM)
        return badge(_("snoozed"), WARN) if alarm.snoozed_until else badge(_("going on"), BAD)

    @admin.display(description=_("what"), ordering="kind")
    def what(self, alarm: Alarm) -> str:
        return words.sentence(alarm)

    @admin.display(description=_("what to do"))
    def advice(self, alarm: Alarm) -> str:
        return words.advice(alarm)

    @admin.display(description=_("about"))
    def where(self, alarm: Alarm) -> str:
        return format_html('<a href="{}">{}</a>', words.page(alarm), alarm.label or _("Open the list"))

    @admin.display(description=_("place"), ordering="store__name")
    def place(self, alarm: Alarm) -> str:
        return words.place(alarm)

    @admin.display(description=_("since"), ordering="since")
    def began(self, alarm: Alarm) -> str:
        return words.since(alarm)

    @admin.display(description=_("until"), ordering="ended_at")
    def ended(self, alarm: Alarm) -> str:
        return self._at(alarm, alarm.ended_at or alarm.quiet_since)

    @admin.display(description=_("next reminder"))
    def reminder(self, alarm: Alarm) -> str:
        is_over = alarm.ended_at or alarm.quiet_since
        return self._at(alarm, None if is_over or not alarm.told_at else alarm.tell_at)

    @admin.display(description=_("snoozed"))
    def snoozed(self, alarm: Alarm) -> str:
        return words.snoozed(alarm) or "–"

    @admin.display(description=_("who was told"))
    def who_was_told(self, alarm: Alarm) -> str:
        told = alarm.messages.select_related("recipient__user").order_by("-pk")[:_TOLD]
        lines = (
            (str(one.recipient), one.get_event_display(), self._at(alarm, one.sent_at) if one.sent_at else one.answer)
            for one in told
        )
        return format_html_join(mark_safe("<br>"), "{}: {}, {}", lines) or "–"

    def _at(self, alarm: Alarm, moment: datetime | None) -> str:
        return written(moment, words.clock(alarm)) if moment else "–"

    @admin.action(description=_("Snooze for an hour"), permissions=["snooze"])
    def snooze_an_hour(self, request: HttpRequest, chosen: QuerySet[Alarm]) -> HttpResponse | None:
        return self._snooze(request, chosen, "snooze_an_hour")

    @admin.action(description=_("Snooze for eight hours"), permissions=["snooze"])
    def snooze_a_shift(self, request: HttpRequest, chosen: QuerySet[Alarm]) -> HttpResponse | None:
        return self._snooze(request, chosen, "snooze_a_shift")

    @admin.action(description=_("Snooze until tomorrow at eight"), permissions=["snooze"])
    def snooze_until_tomorrow(self, request: HttpRequest, chosen: QuerySet[Alarm]) -> HttpResponse | None:
        return self._snooze(request, chosen, "snooze_until_tomorrow")

    @admin.action(description=_("End the snooze"), permissions=["snooze"])
    def wake(self, request: HttpRequest, chosen: QuerySet[Alarm]) -> HttpResponse | None:
        for alarm in chosen:
            if snoozing.wake(alarm):
                self.log_change(request, alarm, [{"changed": {"fields": ["snoozed until"]}}])
                self.message_user(request, _("People are reminded of it again: %(what)s") % {"what": alarm})
            else:
                self.message_user(request, _("It was not snoozed: %(what)s") % {"what": alarm}, messages.WARNING)
        return self.back_to(chosen)

    def _snooze(self, request: HttpRequest, chosen: QuerySet[Alarm], name: str) -> HttpResponse | None:
        until = snoozing.UNTIL[name](timezone.now())
        for alarm in chosen:
            if snoozing.snooze(alarm, until=until, by=request.user.get_username()):
                self.log_change(request, alarm, [{"changed": {"fields": ["snoozed until"]}}])
                values = {"what": alarm, "until": self._at(alarm, until)}
                self.message_user(request, _("Snoozed until %(until)s: %(what)s") % values)
            else:
                self.message_user(request, _("It is over already: %(what)s") % {"what": alarm}, messages.WARNING)
        return self.back_to(chosen)
