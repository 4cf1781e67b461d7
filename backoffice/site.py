"""The admin site: its pages in the order of people's work, and its home; pages of their own stand beside the lists."""

from typing import Any, cast

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from backoffice import handbook, home, navigation
from backoffice.door import GuardedSite


class Completions(AutocompleteJsonView):
    """What a field of ours completes; Django's fails at what others refer to this model with, which no form has."""

    def process_request(self, request: HttpRequest) -> Any:
        asked = super().process_request(request)
        if asked[2].auto_created:
            raise PermissionDenied
        return asked


class BackofficeSite(GuardedSite):
    """The back-office for station managers."""

    site_title = site_header = _("QR payments")
    index_title = _("Today")
    index_template = "backoffice/index.html"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from backoffice.pages.urls import urls  # they need the models, which are loaded after this site

        now = path("now/", self.admin_view(self.now_view), name="now")
        return [now, *urls(self), *super().get_urls()]

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return cast(HttpResponse, Completions.as_view(admin_site=self)(request))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """With the chapter of the handbook about the page, for its "?"."""
        address = (request.resolver_match.url_name if request.resolver_match else "") or ""
        return super().each_context(request) | {"chapter_about": handbook.chapter_about(address)}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """By what people do; an app by itself is Django's."""
        if app_label:
            return super().get_app_list(request, app_label)
        apps = self._build_app_dict(request).values()
        models = {model["model"]._meta.label_lower: model for app in apps for model in app["models"]}
        return navigation.groups(request, models)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Django's would make the list of the pages twice."""
        page = {"title": self.index_title, "subtitle": None} | home.now(request.user) | (extra_context or {})
        return TemplateResponse(request, self.index_template, self.each_context(request) | page)

    def now_view(self, request: HttpRequest) -> HttpResponse:
        """What changes on the home page, for the page that asks for it again and again."""
        return render(request, "backoffice/now.html", home.now(request.user))
