"""`Authorization: Api-Key <key>`: who a controller is."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework_api_key.models import AbstractAPIKey

from pos.models import ControllerKey

KEYWORD = "Api-Key"


class ControllerAuthentication(BaseAuthentication):
    """Puts the controller's key into `request.auth`."""

    model: type[AbstractAPIKey] = ControllerKey

    def authenticate(self, request: Request) -> tuple[None, AbstractAPIKey] | None:
        keyword, _, key = request.headers.get("Authorization", "").partition(" ")
        if keyword.lower() != KEYWORD.lower():
            return None
        return None, self._find(key.strip())

    def _find(self, key: str) -> AbstractAPIKey:
        if not (key.isascii() and key.isprintable()):
            raise AuthenticationFailed
        try:
            found = self.model.objects.get_from_key(key)
        except self.model.DoesNotExist:
            raise AuthenticationFailed("This key does not exist or was revoked.") from None
        if found.has_expired:
            raise AuthenticationFailed("This key has expired.")
        return found

    def authenticate_header(self, request: Request) -> str:
        return KEYWORD


class HasControllerKey(BasePermission):
    """Only controllers; what they may see, each view narrows by their key."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.auth, ControllerKey)


class ControllerKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document names it."""

    target_class = ControllerAuthentication
    name = "ControllerKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": f"`{KEYWORD} <key>`; `manage.py create_controller_key` prints one.",
        }
