"""Filters by words of Mercado Pago's: those that are known, since asking a big table for its own reads all of it."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django_stubs_ext import StrOrPromise


def one_of(
    field: str, label: StrOrPromise, values: Iterable[str], words: Callable[[str], StrOrPromise]
) -> type[admin.SimpleListFilter]:
    """A filter for `list_filter` of a field that has no choices."""
    known = sorted(values)

    class OneOf(admin.SimpleListFilter):
        title = label
        parameter_name = f"{field}__exact"

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
            return [(value, words(value)) for value in known]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(**{field: self.value()}) if self.value() else queryset

    return OneOf
