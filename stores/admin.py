from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from stores.models import Account, Store


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """To look at: what happened with money is not edited."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Account)
class AccountAdmin(admin.ModelAdmin[Account]):
    list_display = ("user_id", "site_code", "token_hint", "is_test", "is_active")
    list_filter = ("site_code", "is_test", "is_active")
    search_fields = ("user_id",)
    fields = (
        "site_code", "user_id", "sponsor_id", "token_hint", "notification_url", "dialect", "is_test", "is_active",
        "refuse_invalid_signatures",
    )  # fmt: skip
    readonly_fields = ("site_code", "user_id", "token_hint", "notification_url")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the access token comes from the environment: manage.py create_account


@admin.register(Store)
class StoreAdmin(admin.ModelAdmin[Store]):
    list_display = ("name", "external_id", "account", "city", "is_active")
    list_filter = ("is_active", "account")
    search_fields = ("name", "external_id", "city")
    filter_horizontal = ("managers",)
    readonly_fields = ("account", "external_id", "branch_number", "remote_id")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a store exists once it is registered: manage.py register_store
