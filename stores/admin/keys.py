"""API keys in the back-office: the library's page, in words that people of any language can read."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.admin import APIKeyModelAdmin

from stores.admin.base import HintingAdmin
from stores.admin.scope import ScopedAdmin


class KeyAdmin(ScopedAdmin, APIKeyModelAdmin):
    """A key is shown when it is made, and never again."""

    show_facets = admin.ShowFacets.NEVER
    list_per_page = HintingAdmin.list_per_page

    def save_model(self, request: HttpRequest, obj: Any, form: Any = None, change: bool = False) -> None:
        if obj.pk:
            obj.save()
            return
        key = self.model.objects.assign_key(obj)
        obj.save()
        text = _("The key “%(name)s” is: %(key)s. Copy it now: it is not shown again.")
        self.message_user(request, text % {"name": obj.name, "key": key}, messages.WARNING)
