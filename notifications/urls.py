from django.urls import path

from notifications.views import receive

urlpatterns = [path("mp/notifications/<slug:token>", receive, name="notification")]
