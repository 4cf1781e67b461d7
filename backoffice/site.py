"""The admin's front page says first what waits for a person."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from backoffice import attention, pages


class BackofficeSite(AdminSite):
    """The back-office for station managers."""

    site_title = site_header = _("QR payments")
    index_title = _("Back-office")
    index_template = "backoffice/index.html"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {"waiting": attention.waiting(request.user)} | (extra_context or {}))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        ours = [
            path("timeline/orders/<int:pk>/", self.admin_view(pages.order_page), name="timeline_order"),
            path("timeline/pos/<int:pk>/", self.admin_view(pages.pos_page), name="timeline_pos"),
        ]
        return [*ours, *super().get_urls()]
