"""Which clock the back-office shows: that of a person's stores when they share one, else UTC; pages name it."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from stores.models import Store


class StoreTimeZoneMiddleware:
    """For pages of people only: whatever machines ask for costs no query more."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/admin/"):
            return self._get_response(request)
        with timezone.override(zone_of(request.user)):
            return self._get_response(request)


def zone_of(user: AbstractUser | AnonymousUser) -> ZoneInfo | None:
    """The one that all of this person's stores are in; None when there are several, or none."""
    if not user.is_authenticated:
        return None
    names = Store.objects.visible_to(user).order_by().values_list("time_zone", flat=True).distinct()[:2]
    return ZoneInfo(names[0]) if len(names) == 1 else None
