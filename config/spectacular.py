"""How the API's own description reads (drf-spectacular)."""

from typing import Any

_DESCRIPTION = (
    "What pumps, vending machines, washes and chargers call. Press *Authorize* and give `Api-Key <key>` to try it "
    "here; `manage.py create_controller_key` prints a key. Errors are problem details (RFC 9457): `type` is for "
    "programs, `detail` for people. A sale in three requests: report `in_process` while it runs, report the sale, "
    "then wait for the order to be closed. `docs/controllers.md` has a controller in forty lines."
)


def describe(public_url: str) -> dict[str, Any]:
    """The settings of drf-spectacular."""
    return {
        "TITLE": "Unattended QR payments: the controllers' API",
        "DESCRIPTION": _DESCRIPTION,
        "VERSION": "1",
        "OAS_VERSION": "3.1.1",
        "COMPONENT_SPLIT_REQUEST": True,  # what is sent has limits that what is answered does not have
        "SERVERS": [{"url": public_url, "description": "This installation"}],
        "TAGS": [
            {"name": "Points of sale", "description": "Pumps, machines, wash bays: how they stand."},
            {"name": "Orders", "description": "What one customer owes at one point of sale."},
            {"name": "Refunds", "description": "Money that goes back."},
            {"name": "Receipts", "description": "What the customer takes home."},
            {"name": "Screens", "description": "What a screen at the pump shows."},
            {"name": "Printing", "description": "For the program at a station that prints; its key is one printer's."},
        ],
        "WEBHOOKS": [
            f"orders.webhooks.{name}"
            for name in ("CREATED", "CLOSED_EVENT", "CANCELED_EVENT", "EXPIRED", "UPDATED", "REFUNDED", "PING")
        ],
        "POSTPROCESSING_HOOKS": [
            "drf_spectacular.hooks.postprocess_schema_enums",
            "pos.openapi.add_shared_problems",
        ],
        "SERVE_INCLUDE_SCHEMA": False,
        "SWAGGER_UI_DIST": "SIDECAR",
        "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
        "SERVE_AUTHENTICATION": [],
        "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
        "AUTHENTICATION_WHITELIST": [
            "pos.authentication.ControllerAuthentication",
            "receipts.authentication.PrinterAuthentication",
        ],
        "ENUM_NAME_OVERRIDES": {
            "OrderStatus": "orders.states.Status",
            "PaymentStatus": "orders.states.PaymentStatus",
            "Attention": "orders.states.Attention",
            "RefundRequestStatus": "orders.states.RequestStatus",
            "RefundStatus": "orders.states.RefundStatus",
            "ControllerStatus": "pos.models.ControllerStatus",
        },
    }
