"""The admin's front page says first what waits for a person; pages of their own stand beside the lists."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from backoffice import attention


class BackofficeSite(AdminSite):
    """The back-office for station managers."""

    site_title = site_header = _("QR payments")
    index_title = _("Back-office")
    index_template = "backoffice/index.html"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {"waiting": attention.waiting(request.user)} | (extra_context or {}))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from backoffice.pages import (
            closing_day,
            closing_days,
            exports,
        )  # models must be loaded first; the site is before them

        day, shift = "closing/<int:store>/<str:day>/", "closing/<int:store>/<str:day>/shift/<int:shift>/"
        pages = [
            path("closing/", self.admin_view(closing_days.days_view), name="closing"),
            path(day, self.admin_view(closing_day.day_view), name="closing_day"),
            path(f"{day}closing.<slug:form>", self.admin_view(closing_day.file_view), name="closing_file"),
            path(shift, self.admin_view(closing_day.day_view), name="closing_shift"),
            path(f"{shift}closing.<slug:form>", self.admin_view(closing_day.file_view), name="closing_shift_file"),
            path("export/<slug:what>.csv", self.admin_view(exports.export_view), name="export"),
        ]
        return [*pages, *super().get_urls()]
