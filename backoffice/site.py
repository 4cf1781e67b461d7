"""The admin's front page says first what waits for a person; pages of their own stand beside the lists."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext_lazy as _

from backoffice import attention


class BackofficeSite(AdminSite):
    """The back-office for station managers."""

    site_title = site_header = _("QR payments")
    index_title = _("Back-office")
    index_template = "backoffice/index.html"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        waiting = {"waiting": attention.waiting(request.user), "sees_cases": attention.may_see(request.user)}
        return super().index(request, waiting | (extra_context or {}))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from backoffice.pages.urls import urls  # they need the models, which are loaded after this site

        return [*urls(self), *super().get_urls()]
