"""The door of the admin site: it asks who is there, and for how long."""

from functools import wraps
from typing import Any, Final

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from backoffice import pauses, second_factor, sessions, two_factor
from backoffice.login import CodeForm, LogInForm

# What whoever must set up a second factor first may do all the same.
_BEFORE_IT: Final = {"two_factor", "logout", "jsi18n", "password_change", "password_change_done"}


class GuardedSite(AdminSite):
    """An admin site that asks for a second factor, and whose sessions end."""

    login_form = LogInForm

    def get_urls(self) -> list[URLPattern | URLResolver]:
        own: list[URLPattern | URLResolver] = [
            path("login/code/", self.login_code, name="login_code"),
            path("two-factor/", self.admin_view(self.two_factor), name="two_factor"),
        ]
        return own + super().get_urls()

    def has_permission(self, request: HttpRequest) -> bool:
        """Who has a second factor is nobody before its code was given."""
        return super().has_permission(request) and not second_factor.is_missing(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Every page but the log-in goes through here."""
        page = super().admin_view(view, cacheable)

        @wraps(page)
        def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated and not sessions.go_on(request):
                logout(request)
            match = request.resolver_match
            comes_first = match is None or match.url_name not in _BEFORE_IT
            if comes_first and self.has_permission(request) and second_factor.must_be_set_up(request):
                return redirect("admin:two_factor")
            answer: HttpResponseBase = page(request, *args, **kwargs)
            return answer

        return gate

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The password. Who has a second factor is led on to its code."""
        if request.method == "GET" and second_factor.is_missing(request):
            return _to_the_code(request)
        answer: HttpResponse = super().login(request, extra_context)
        if request.method == "POST" and second_factor.is_missing(request):
            return _to_the_code(request)
        if pauses.is_paused(request):
            answer.status_code = 429
            answer["Retry-After"] = str(int(pauses.length(request).total_seconds()))
        return answer

    def login_code(self, request: HttpRequest) -> HttpResponse:
        """The code, or out again: `other` is for whoever is not the one who gave the password."""
        if not second_factor.is_missing(request):
            return redirect("admin:index")
        if "other" in request.POST:
            logout(request)
            return redirect("admin:login")
        form = CodeForm(request, request.POST or None)
        if form.is_valid():
            return redirect(_next(request))
        context = self.each_context(request) | {"title": _("Log in"), "form": form, "next": _next(request)}
        context["name"] = request.user.get_username()
        return never_cache(TemplateResponse)(request, "backoffice/login_code.html", context)

    def two_factor(self, request: HttpRequest) -> HttpResponse:
        return two_factor.page(request, self.each_context(request))


def _to_the_code(request: HttpRequest) -> HttpResponse:
    query = QueryDict(mutable=True)
    query[REDIRECT_FIELD_NAME] = _next(request)
    return redirect(f"{reverse('admin:login_code')}?{query.urlencode()}")


def _next(request: HttpRequest) -> str:
    """Where somebody wanted to go; only within this site."""
    wish = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    is_ours = url_has_allowed_host_and_scheme(wish, {request.get_host()}, require_https=request.is_secure())
    return wish if is_ours else reverse("admin:index")
