from django.urls import path

from notifications.views import NotificationView

urlpatterns = [path("mp/notifications/<slug:token>", NotificationView.as_view(), name="notification")]
