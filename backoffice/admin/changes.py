from typing import Any, Final

from auditlog.models import LogEntry
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from backoffice import roles
from stores.admin import ReadOnlyAdmin
from stores.changes import changes_of, names_in, who

# What the package names in English and gives to gettext, without translations of its own.
BORROWED: Final = (
    gettext_noop("Audit log"), gettext_noop("log entry"), gettext_noop("log entries"), gettext_noop("timestamp"),
    gettext_noop("action"), gettext_noop("create"), gettext_noop("update"), gettext_noop("delete"),
    gettext_noop("access"), gettext_noop("Created {repr:s}"), gettext_noop("Updated {repr:s}"),
    gettext_noop("Deleted {repr:s}"), gettext_noop("Logged {repr:s}"),
)  # fmt: skip

admin.site.unregister(LogEntry)  # the package's own page, which links and filters past people's stores


@admin.register(LogEntry)
class ChangeAdmin(ReadOnlyAdmin):
    """Who changed which setting, from what to what."""

    help_line = _("Who changed which setting, from what to what. Of secrets only that they changed.")
    empty_hint = _("None yet. Whenever somebody changes a setting, it is written down here and stays.")
    list_display = ("timestamp", "who", "what", "action", "changes_made")
    list_filter = ("action", "content_type")
    list_select_related = ("actor", "content_type")
    search_fields = ("object_repr", "actor__username", "actor_email")
    fields = ("timestamp", "who", "what", "action", "changes_made")
    readonly_fields = ("who", "what", "changes_made")
    ordering = ("-pk",)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The names that a page of entries speaks of are looked up together."""
        page = super().get_changelist_instance(request)
        page.result_list = list(page.result_list)
        names = names_in(page.result_list)
        for entry in page.result_list:
            entry.names = names
        return page

    @admin.display(description=_("who"), ordering="actor__username")
    def who(self, entry: LogEntry) -> str:
        return who(entry)

    @admin.display(description=_("what"))
    def what(self, entry: LogEntry) -> str:
        is_group = entry.content_type.model_class() is Group
        return f"{entry.content_type.name}: {roles.called(entry.object_repr) if is_group else entry.object_repr}"

    @admin.display(description=_("changes"))
    def changes_made(self, entry: LogEntry) -> str:
        names = getattr(entry, "names", None)
        lines = ((change.field, change.before, change.after) for change in changes_of(entry, names))
        return format_html_join(mark_safe("<br>"), "{}: {} → {}", lines) or "–"
