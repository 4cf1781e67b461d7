"""The front door, and what people and machines are told when something is wrong."""

import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from pos.problems import as_response
from receipts.views import form_expired

_FOR_MACHINES = ("/api/", "/mp/", "/healthz", "/readyz", "/metrics")
_FOR_CUSTOMERS = "/r/"


def front_door(request: HttpRequest) -> HttpResponse:
    return redirect("admin:index")


def no_icon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for one on every page."""
    return HttpResponse(status=204)


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """404 for machines: they never get an HTML page, also not Django's own with DEBUG."""
    return as_response(request, 404, _("There is nothing at this address; see /api/docs/."))


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 when a form's CSRF token is not right: mostly a page from before the last log-in."""
    if request.path.startswith(_FOR_MACHINES):
        return as_response(request, 403, _("This address takes no forms."))
    if request.path.startswith(_FOR_CUSTOMERS):
        return form_expired(request)
    text = _("Nothing was changed. Go back, load the page again, and repeat what you did. Cookies must be allowed.")
    return _tell(request, 403, _("This page was open for too long"), text)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    if request.path.startswith(_FOR_MACHINES):
        return nothing_here(request)
    text = _("It may have been mistyped, or what was here is not yours to see. Check the address, or go back.")
    return _tell(request, 404, _("There is nothing at this address"), text)


def not_readable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: a request that no page of ours sends, e.g. under another host's name, or with too many fields."""
    return unreadable(request)


def unreadable(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(_FOR_MACHINES):
        return as_response(request, 400, _("This request cannot be read."))
    text = _("What your browser sent is nothing that a page here would send. Go back, and begin anew.")
    return _tell(request, 400, _("This cannot be read"), text)


def too_large(request: HttpRequest) -> HttpResponse:
    """413."""
    text = _("Nothing of it was kept. Each page says how large its files may be.")
    return _tell(request, 413, _("This is too large"), text)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    text = _("Your role does not include this. If you need it for your work, ask whoever manages the back-office.")
    return _tell(request, 403, _("You may not open this page"), text)


def fault(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours, or 503: the database is away. Never an HTML page or a stack trace for machines, and no
    database for anybody."""
    status = 503 if isinstance(sys.exc_info()[1], InterfaceError | OperationalError) else 500
    if request.path.startswith(_FOR_MACHINES):
        return as_response(request, status, _("A fault of ours; it was written to the log."))
    text = _("It was written to the log. Try again in a minute; whatever was paid meanwhile is not lost.")
    return _tell(request, status, _("Something went wrong here"), text)


def _tell(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """A page that needs neither a session nor the database. Only people of the back-office are led back to it."""
    is_ours = request.path.startswith("/admin/")
    context: dict[str, Any] = {"status": status, "title": title, "text": text, "leads_home": is_ours}
    return HttpResponse(render_to_string("backoffice/wrong.html", context), status=status)
