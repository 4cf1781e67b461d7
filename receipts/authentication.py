"""`Authorization: Api-Key <key>`: the agents that print at the stations."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from pos.authentication import KEYWORD, ControllerAuthentication, ControllerKeyScheme
from receipts.models import PrinterKey


class PrinterAuthentication(ControllerAuthentication):
    """Puts the key of a printer's agent into `request.auth`."""

    model = PrinterKey


class HasPrinterKey(BasePermission):
    """Only agents; each sees the one printer of its key."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.auth, PrinterKey)


class PrinterKeyScheme(ControllerKeyScheme):  # type: ignore[no-untyped-call]
    """How the OpenAPI document names it."""

    target_class = PrinterAuthentication
    name = "PrinterKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        definition = super().get_security_definition(auto_schema)
        return definition | {"description": f"`{KEYWORD} <key>`; made for a printer in the admin."}
