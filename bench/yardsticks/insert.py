"""The least that a delivery can cost in Django: a bare view that makes its row with the ORM, and wakes nobody."""

from datetime import timedelta

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils import timezone

application = get_wsgi_application()

from notifications.models import Notification  # noqa: E402 - once the apps are there


def insert(request: HttpRequest, token: str) -> JsonResponse:
    Notification.objects.create(
        account_id=1,
        headers=dict(request.headers),
        query=request.META["QUERY_STRING"],
        body=request.body,
        verdict="absent",
        topic="merchant_order",
        resource_id=23603350837,
        next_attempt_at=timezone.now() + timedelta(seconds=10),
    )
    return JsonResponse({})


urlpatterns = [path("mp/notifications/<str:token>", insert)]
