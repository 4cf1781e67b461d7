from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from stores.admin.base import HintingAdmin
from stores.models import Account


@admin.register(Account)
class AccountAdmin(HintingAdmin):
    empty_hint = _("No accounts yet. The access token never passes through here: use manage.py create_account.")
    list_display = ("user_id", "site_code", "token_hint", "is_test", "is_active")
    list_filter = ("site_code", "is_test", "is_active")
    search_fields = ("user_id",)
    fields = (
        "site_code", "user_id", "sponsor_id", "token_hint", "notification_url", "dialect", "shadows",
        "marketplace_fee_percentage", "is_test", "is_active", "refuse_invalid_signatures",
    )  # fmt: skip
    readonly_fields = ("site_code", "user_id", "token_hint", "notification_url")
