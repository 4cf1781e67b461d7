"""What is shown where nothing else is: the front door, and what does not exist."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views import defaults

from pos.problems import as_response

_FOR_MACHINES = ("/api/", "/mp/", "/healthz", "/readyz")


def front_door(request: HttpRequest) -> HttpResponse:
    return redirect("admin:index")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: machines get problem details, people a page."""
    if request.path.startswith(_FOR_MACHINES):
        return as_response(request, 404, _("There is nothing at this address; see /api/docs/."))
    return defaults.page_not_found(request, exception)


def fault(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours. Never an HTML page or a stack trace for machines."""
    if request.path.startswith(_FOR_MACHINES):
        return as_response(request, 500, _("A fault of ours; it was written to the log."))
    return defaults.server_error(request)
