from django.urls import path

from pos.api import StatusView

urlpatterns = [
    path("api/v1/pos/<slug:external_id>/status", StatusView.as_view(), name="pos-status"),
]
