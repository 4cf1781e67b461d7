"""The textbook: a DRF view with a ModelSerializer, DRF's and Django's defaults, on the same tables."""

import os
from typing import Any

from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
settings.ROOT_URLCONF = __name__
settings.MIDDLEWARE = [  # as `startproject` writes them
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
settings.REST_FRAMEWORK = {"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]}

from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()

from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402
from rest_framework.generics import RetrieveAPIView  # noqa: E402
from rest_framework.serializers import (  # noqa: E402
    IntegerField,
    ModelSerializer,
    SerializerMethodField,
)

from orders.models import Order  # noqa: E402
from orders.states import Status  # noqa: E402


class OrderSerializer(ModelSerializer[Order]):
    collector_id = IntegerField(source="pos.store.account.user_id")
    items = SerializerMethodField()
    notification_url = SerializerMethodField()

    class Meta:
        model = Order
        fields = ["collector_id", "items", "external_reference", "notification_url"]

    def get_notification_url(self, order: Order) -> str:
        return f"{settings.PUBLIC_URL}/mp/notifications/{order.account.notification_token}"

    def get_items(self, order: Order) -> list[dict[str, Any]]:
        return [
            {
                "title": item["title"],
                "currency_id": order.currency,
                "description": item["description"],
                "quantity": 1,
                "unit_price": int(item["total_amount"]),
            }
            for item in order.items
        ]


class PollView(RetrieveAPIView[Order]):
    authentication_classes = ()
    permission_classes = ()
    serializer_class = OrderSerializer
    lookup_field = "pos__poll_token"
    lookup_url_kwarg = "token"

    def get_queryset(self) -> Any:
        orders = Order.objects.select_related("pos__store__account")
        return orders.filter(status=Status.OPEN, expires_at__gt=timezone.now())


urlpatterns = [path("mp/orders/<str:token>", PollView.as_view())]
