from typing import Any

from django.core.management.base import CommandParser

from gateway.dialects import Dialect
from gateway.sites import CATEGORIES
from pos import services
from pos.commands import find_store
from stores.commands import ScriptableCommand


class Command(ScriptableCommand):
    help = "Register a point of sale here and at Mercado Pago, or update the one with this external id."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--store", required=True, help="the store's external id")
        parser.add_argument("--account", help="whose store, where several accounts have one of that name")
        parser.add_argument("--external-id", required=True, help="your name for it: letters and digits, under 40")
        parser.add_argument("--name", required=True, help="what people call it, in at most 44 characters: Pump 1")
        parser.add_argument("--category", choices=CATEGORIES, default="other")
        parser.add_argument("--dialect", choices=[d.value for d in Dialect], default="", help="default: the account's")
        parser.add_argument(
            "--heartbeat", type=int, help="seconds of silence after which it counts as unreachable; 0: it never does"
        )

    def act(self, **options: Any) -> dict[str, Any]:
        fields = {name: options[name] for name in ("name", "category", "dialect")}
        if options["heartbeat"] is not None:  # what was set in the admin stays otherwise
            fields["heartbeat"] = options["heartbeat"] or None
        store = find_store(options["store"], options["account"])
        pos = services.register_pos(store, external_id=options["external_id"], **fields)
        qr = {
            "image": pos.qr_image,
            "template_document": pos.qr_template_document,
            "template_image": pos.qr_template_image,
        }
        return {"id": pos.pk, "external_id": pos.external_id, "poll_url": pos.poll_url, "qr": qr}
