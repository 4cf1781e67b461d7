"""The schema tells the truth: its examples fit it, and so does what webhooks really send."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from pos import hooks
from pos.models import Hook, HookDelivery
from tests.schema import world

Json = dict[str, Any]


@pytest.fixture
def schema(client, db) -> Json:
    answer = client.get("/api/schema/", {"format": "json"})
    assert answer.status_code == 200
    content: Json = json.loads(answer.content)
    return content


def check(schema: Json, part: Json, value: object) -> None:
    jsonschema.Draft202012Validator({**part, "components": schema["components"]}).validate(value)


def operations(schema: Json) -> Iterator[tuple[str, Json]]:
    for where in ("paths", "webhooks"):
        for path, item in schema[where].items():
            for method, operation in item.items():
                yield f"{method} {path}", operation


def media(schema: Json, operation: Json) -> Iterator[tuple[str, Json]]:
    """Everything that is sent or answered, by status."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield "request", content
    for status, response in operation["responses"].items():
        if ref := response.get("$ref"):
            response = schema["components"]["responses"][ref.rpartition("/")[2]]
        for content in response.get("content", {}).values():
            yield status, content


def test_it_is_openapi_3_1(schema) -> None:
    assert schema["openapi"].startswith("3.1")


def test_every_example_fits_its_schema(schema) -> None:
    count = 0
    for name, operation in operations(schema):
        for status, content in media(schema, operation):
            for title, example in content.get("examples", {}).items():
                try:
                    check(schema, content["schema"], example["value"])
                except jsonschema.ValidationError as error:
                    raise AssertionError(f"{name} {status} {title}: {error.message}") from error
                count += 1
    assert count > 60


def test_every_operation_is_summed_up_and_shows_examples(schema) -> None:
    for name, operation in operations(schema):
        assert operation["summary"], name
        assert operation["description"], name
        assert len(operation["tags"]) == 1, name
        if "/" not in name:
            continue
        for status, content in media(schema, operation):
            assert "examples" in content or status == "200", (name, status)
        assert {"401", "404", "503"} <= set(operation["responses"]), name
        if "requestBody" in operation:
            assert {"400", "413"} <= set(operation["responses"]), name
        is_once = "Idempotency-Key" in str(operation.get("parameters"))
        assert is_once == ("422" in operation["responses"]), name


def test_tags_and_the_server_are_described(schema) -> None:
    named = {tag["name"] for tag in schema["tags"]}
    assert {tag for _name, operation in operations(schema) for tag in operation["tags"]} == named | {"Webhooks"}
    assert schema["servers"][0]["url"] == "http://localhost:8000"


def test_what_a_webhook_sends_fits_what_is_said_of_it(schema, pos, pump, mercado_pago) -> None:
    hook = Hook.objects.create(store=pos.store, url="https://pump.example/")
    order = world.closed(pos, remote_id=1)
    hooks.ping(hook)
    pump.post(f"/api/v1/orders/{order.pk}/refunds", {}, format="json", headers={"Idempotency-Key": "k"})
    told = HookDelivery.objects.order_by("pk")
    assert [delivery.event for delivery in told] == ["order.closed", "order.updated", "ping", "refund.updated"]
    for delivery in told:
        content = schema["webhooks"][delivery.event]["post"]["requestBody"]["content"]["application/json"]
        check(schema, content["schema"], json.loads(delivery.body))
