"""What is shown where nothing else is: the front door, and what machines are told then."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views import csrf, defaults
from django.views.decorators.csrf import csrf_exempt

from pos.problems import as_response
from receipts.views import form_expired

_FOR_MACHINES = ("/api/", "/mp/", "/healthz", "/readyz")
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
    """403 of a form without its token: a customer is told what to do, a person of the back-office by Django."""
    return form_expired(request) if request.path.startswith(_FOR_CUSTOMERS) else csrf.csrf_failure(request, reason)


def fault(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours. Never an HTML page or a stack trace for machines."""
    if request.path.startswith(_FOR_MACHINES):
        return as_response(request, 500, _("A fault of ours; it was written to the log."))
    return defaults.server_error(request)
