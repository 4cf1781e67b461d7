from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.models import APIKey

from pos.models import ControllerKey
from stores.admin.keys import KeyAdmin

admin.site.unregister(APIKey)  # the library's own model; ours belong to a store or a point of sale


@admin.register(ControllerKey)
class ControllerKeyAdmin(KeyAdmin):
    help_line = _(
        "What pumps and machines identify themselves with. A key is shown once, when it is made: revoke a lost one."
    )
    store_path = ("store", "pos__store")
    list_display = ("prefix", "name", "store", "pos", "created", "expiry_date", "revoked")  # type: ignore[assignment]
    list_filter = ("revoked", "store")  # type: ignore[assignment]
    list_select_related = ("store", "pos__store")
    autocomplete_fields = ("store", "pos")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        fields = tuple(super().get_readonly_fields(request, obj))  # type: ignore[arg-type]
        return (*fields, "store", "pos") if obj else fields
