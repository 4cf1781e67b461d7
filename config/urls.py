from django.contrib import admin
from django.urls import include, path, re_path
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation

from backoffice.health import healthz, readyz
from backoffice.metrics import metrics
from backoffice.views import front_door, no_icon, nothing_here

urlpatterns = [
    path("", include("orders.urls")),
    path("", include("notifications.urls")),
    path("", include("pos.urls")),
    path("", include("receipts.urls")),
    path("", front_door, name="front-door"),
    path("admin/", admin.site.urls),
    path("language/", set_language, name="set_language"),
    path("favicon.ico", no_icon),
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
    path("api/schema/", SpectacularAPIView.as_view(content_negotiation_class=DefaultContentNegotiation), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    re_path("^(?:api/v1|mp)(?:/|$)", nothing_here),
]
handler400 = "backoffice.views.not_readable"
handler403 = "backoffice.views.forbidden"
handler404 = "backoffice.views.not_found"
handler500 = "backoffice.views.fault"
