"""How the controllers' API describes itself: problems, and what every address may answer."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension, OpenApiSerializerFieldExtension
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework.serializers import ListSerializer

from pos.problems import CONTENT_TYPE, document
from pos.serializers import ProblemSerializer
from pos.wire import BodyTooLarge

Responses = dict[tuple[int, str], OpenApiResponse]

STORE_OF_EXAMPLES = "STORE001"
POINT_OF_SALE: dict[str, Any] = {
    "external_id": "POS0001",
    "name": "Surtidor 1",
    "store": STORE_OF_EXAMPLES,
    "active": True,
    "currency": "ARS",
    "status": "in_process",
    "status_at": "2026-11-24T12:00:05Z",
    "amount_so_far": "8640.00",
    "heartbeat": 60,
    "order_lifetime": 900,
}


def problem(status: int, description: str, /, **kinds: str) -> Responses:
    """A refusal as extend_schema takes it. `kinds`: a detail for people by the type that programs see."""
    examples = [
        OpenApiExample(kind.replace("_", "-"), document(status, detail, kind=kind.replace("_", "-")))
        for kind, detail in kinds.items()
    ]
    return {(status, CONTENT_TYPE): OpenApiResponse(ProblemSerializer, description, examples)}


def invalid(field: str, text: str) -> Responses:
    """400, with an example of a field."""
    body = document(400, "Some fields are not right.", kind="invalid-fields", errors={field: [text]})
    text = "Not readable JSON, a field that is not right or not known; `errors` names them. Nothing was changed."
    return {(400, CONTENT_TYPE): OpenApiResponse(ProblemSerializer, text, [OpenApiExample("invalid-fields", body)])}


def _shared(description: str, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {CONTENT_TYPE: {"schema": schema, "examples": {body["title"]: {"value": body}}}}
    return {"description": description, "content": content, **more}


def _header(description: str) -> dict[str, Any]:
    return {"required": True, "description": description, "schema": {"type": "string"}}


class StrictSerializerDescription(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Unknown fields are refused, and the schema says so."""

    target_class = "pos.wire.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        for name, field in self.target.fields.items():
            if isinstance(field, ListSerializer):
                limits = {"minItems": 0 if field.allow_empty else 1, "maxItems": getattr(field, "max_length", None)}
                schema["properties"][name] |= {k: v for k, v in limits.items() if v is not None}
        return schema | {"additionalProperties": False}


class AmountDescription(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Digits in a text, or a JSON number."""

    target_class = "pos.serializers.AmountField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        least = "minimum" if self.target.or_zero else "exclusiveMinimum"
        return number(least, below=10**10, pattern=r"^[0-9]{1,10}(\.[0-9]{1,2}0*)?$")


def number(least: str, *, below: int, pattern: str) -> dict[str, Any]:
    """What is written in digits or as a number, from 0 on, or above it with `exclusiveMinimum`."""
    return {"type": ["string", "number"], "pattern": pattern, least: 0, "exclusiveMaximum": below}


EVERYWHERE = {
    "401": _shared(
        "No key, or one that does not exist, was revoked or has expired.",
        document(401, "This key does not exist or was revoked."),
        headers={"WWW-Authenticate": _header("`Api-Key`")},
    ),
    "404": _shared(
        "There is no such thing, or it belongs to a store or point of sale that is not this key's.",
        document(404, "There is no such thing here, or it is not this key's to see."),
    ),
    "429": _shared(
        "The key calls more often than this installation allows. Nothing was changed.",
        document(429, "This key calls too often: wait a moment.", kind="too-often"),
        headers={"Retry-After": _header("Seconds.")},
    ),
    "503": _shared(
        "Mercado Pago or the database does not answer. Nothing was changed: send the same request again.",
        document(
            503,
            "Mercado Pago did not answer, so nothing was changed. Try again in a moment.",
            kind="temporarily-unavailable",
        ),
        headers={"Retry-After": _header("Seconds.")},
    ),
}
WITH_A_BODY = {"413": _shared("The body is too large.", document(413, BodyTooLarge.default_detail))}
_NAMES = {"401": "Unauthorized", "404": "NotFound", "429": "TooOften", "503": "Unavailable", "413": "TooLarge"}


def add_shared_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Postprocessing hook: what every address may answer, said once and referred to."""
    shared = EVERYWHERE | WITH_A_BODY
    result["components"]["responses"] = {_NAMES[status]: response for status, response in shared.items()}
    for path in result["paths"].values():
        for operation in path.values():
            for status in shared if "requestBody" in operation else EVERYWHERE:
                operation["responses"].setdefault(status, {"$ref": f"#/components/responses/{_NAMES[status]}"})
            operation["responses"] = dict(sorted(operation["responses"].items()))
    return result
