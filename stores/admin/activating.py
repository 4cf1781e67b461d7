from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from stores.admin.base import HintingAdmin


class ActivatingAdmin(HintingAdmin):
    """Rows that are switched on and off."""

    @admin.action(description=_("Switch on"), permissions=["change"])
    def activate(self, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
        for row in chosen.filter(is_active=False):
            row.is_active = True
            row.save(update_fields=["is_active"])
            self.log_change(request, row, [{"changed": {"fields": ["is active"]}}])
            self.message_user(request, _("%(what)s is switched on.") % {"what": row})
        return self.back_to(chosen)
