"""Searching big tables as people do: they paste a reference or a number. Each field by its own index."""

from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest

from stores.models import Account

_MOST: Final = 1000  # found by one field, the newest: whoever finds more searches for something else
_LOOKUPS: Final = {"=": "", "^": "__startswith"}


class SearchingAdmin(admin.ModelAdmin[Any]):
    """Where `search_fields` names one with `=` or `^`, that must have an index, and each field is asked by itself.

    One question with all of them, as Django puts it, reads every row: no index answers an `OR` over several tables.
    """

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term, paths = search_term.strip(), self.get_search_fields(request)
        if not term or not any(path[0] in _LOOKUPS for path in paths):
            return super().get_search_results(request, queryset, search_term)
        rows = self.get_queryset(request).order_by("-pk").values_list("pk", flat=True)
        asked = [where for path in paths for where in _conditions(queryset.model, path, term)]
        keys = {key for where in asked for key in rows.filter(**where)[:_MOST]}
        return queryset.filter(pk__in=keys), False


def _conditions(model: type[Model], path: str, term: str) -> list[dict[str, Any]]:
    """None where it cannot be meant: a word is no number. References are in capitals, and typed without."""
    lookup, path = _LOOKUPS.get(path[0], "__icontains"), path.lstrip("=^")
    if lookup == "__icontains":
        return _among(model, path, term)
    field = _field(model, path)
    try:
        field.to_python(term)
    except ValidationError:
        return []
    # Mercado Pago's numbers are indexed together with their account.
    numbered = field.name == "remote_id" and _has_account(field.model)
    account = {f"{path.removesuffix('remote_id')}account__in": Account.objects.values("pk")} if numbered else {}
    return [{path + lookup: spelling} | account for spelling in dict.fromkeys((term, term.upper()))]


def _among(model: type[Model], path: str, term: str) -> list[dict[str, Any]]:
    """Places have names; they are few, and looked up first: then the index of what belongs to them is of use."""
    relation, _dot, name = path.rpartition("__")
    if not relation:
        return [{f"{name}__icontains": term}]
    places: Any = _field(model, relation).related_model
    keys = list(
        places._default_manager.order_by("pk")
        .filter(**{f"{name}__icontains": term})
        .values_list("pk", flat=True)[:_MOST]
    )
    return [{f"{relation}__in": keys}] if keys else []


def _field(model: type[Model], path: str) -> "Field[Any, Any]":
    field: Any = None
    for name in path.split("__"):
        field = (field.related_model if field else model)._meta.get_field(name)
    return field  # type: ignore[no-any-return]


def _has_account(model: type[Model]) -> bool:
    try:
        return bool(model._meta.get_field("account"))
    except FieldDoesNotExist:
        return False
