"""What these pages share: who may see them, of which stores, and their frame."""

from datetime import date
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from stores.models import Store

# No sale is older, and at the ends of the calendar a day has no day before it, or begins outside of it elsewhere.
_YEARS: Final = range(1970, 9000)


def demand(request: HttpRequest, *permissions: str) -> None:
    """403 for whoever has none of them."""
    if not any(request.user.has_perm(one) for one in permissions):
        raise PermissionDenied


def store_of(request: HttpRequest, pk: int) -> Store:
    """404 for a store of others, as for one that there is not."""
    return get_object_or_404(Store.objects.visible_to(request.user).select_related("account"), pk=pk)


def day_of(text: str) -> date:
    """404 for what is no day, or one at the ends of the calendar."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
    if not is_countable(day):
        raise Http404
    return day


def is_countable(day: date) -> bool:
    """Whether there are days before and after it, by every clock."""
    return day.year in _YEARS


def page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    return TemplateResponse(request, template, admin.site.each_context(request) | {"title": title} | context)
