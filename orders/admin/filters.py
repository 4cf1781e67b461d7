"""What the front page counts, as a list."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.days import closed_within, todays
from orders.models import Order
from orders.states import Status
from stores.models import Store


class Sold(admin.SimpleListFilter):
    """What the front page adds up: by each store's own day."""

    title = _("sold")
    parameter_name = "sold"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("today", _("today")), ("week-ago", _("a week ago, until this time of day"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        if self.value() not in ("today", "week-ago"):
            return queryset
        days = todays(Store.objects.visible_to(request.user), timezone.now())
        if self.value() == "week-ago":
            days = [day.a_week_before() for day in days]
        return queryset.filter(closed_within(days), status=Status.CLOSED)


class ToPay(admin.SimpleListFilter):
    """What the front page counts as waiting."""

    title = _("to be paid")
    parameter_name = "to_pay"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("now"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        return queryset & Order.objects.to_pay() if self.value() == "yes" else queryset
