"""Rows on the page of what they belong to; only to look at."""

from typing import Any, ClassVar

import simplejson
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html

from orders import words
from orders.models import MerchantOrder, RefundRequest, Transition
from stores.admin.shown import ShowingAdmin


class ReadOnlyInline(ShowingAdmin, admin.TabularInline[Any, Any]):
    """Rows to look at."""

    related: ClassVar[tuple[str, ...]] = ()
    extra = 0
    can_delete = False
    show_change_link = True

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        return self.all_shown(self.fields or ())

    get_readonly_fields = get_fields

    def get_queryset(self, request: Any) -> Any:
        """With what their amounts need."""
        return super().get_queryset(request).select_related(*self.related)

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False


class TransitionInline(ReadOnlyInline):
    model = Transition
    worded = {"reason": words.why, "actor": words.who}
    fields = ("at", "from_status", "to_status", "reason", "actor")


class MerchantOrderInline(ReadOnlyInline):
    model = MerchantOrder
    worded = {"status": words.status, "order_status": words.status}
    amounts, currency, related = ("total_amount",), "order.currency", ("order",)
    fields = ("remote_id", "status", "order_status", "objection", "total_amount", "seen_at")


class RefundRequestInline(ReadOnlyInline):
    model = RefundRequest
    worded = {"actor": words.who}
    amounts, currency, related = ("amount",), "order.currency", ("order",)
    fields = ("created_at", "amount", "status", "why", "actor", "first_person", "who_decided")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A column for the first of two people only where there were two."""
        needs_two = obj is None or any(one.first_person_id for one in obj.refund_requests.all())
        fields = self.fields if needs_two else [name for name in self.fields if name != "first_person"]
        return self.all_shown(fields)

    get_readonly_fields = get_fields


def pretty(value: Any) -> str:
    """JSON for people."""
    return format_html("<pre>{}</pre>", simplejson.dumps(value, indent=2, ensure_ascii=False, use_decimal=True))
