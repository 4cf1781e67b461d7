"""The admin's front page says first what waits for a person."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from backoffice import attention, desk


class BackofficeSite(AdminSite):
    """The back-office for station managers."""

    site_title = site_header = _("QR payments")
    index_title = _("Back-office")
    index_template = "backoffice/index.html"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        waiting = {"waiting": attention.waiting(request.user), "sees_cases": attention.may_see(request.user)}
        return super().index(request, waiting | (extra_context or {}))

    def get_urls(self) -> list[URLResolver | URLPattern]:
        pages: list[URLResolver | URLPattern] = [
            path("attention/", self.admin_view(self.attention), name="attention"),
            path("attention/decided/", self.admin_view(self.decided), name="attention_decided"),
            path("attention/<int:number>/", self.admin_view(self.act), name="attention_act"),
        ]
        return pages + super().get_urls()

    def attention(self, request: HttpRequest) -> HttpResponse:
        return desk.attention(request, self.each_context(request))

    def decided(self, request: HttpRequest) -> HttpResponse:
        return desk.decided(request, self.each_context(request))

    def act(self, request: HttpRequest, number: int) -> HttpResponse:
        return desk.act(request, number)
