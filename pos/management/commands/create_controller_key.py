from typing import Any

from django.core.management.base import CommandParser

from pos import services
from pos.commands import find_pos, find_store
from stores.commands import ScriptableCommand


class Command(ScriptableCommand):
    help = "Make an API key for the controllers of a store, or of one point of sale. It is printed once."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        owner = parser.add_mutually_exclusive_group(required=True)
        owner.add_argument("--store", help="the store's external id")
        owner.add_argument("--pos", help="the point of sale's external id")
        parser.add_argument("--account", help="whose, where several accounts have one of that name")
        parser.add_argument("--name", default="", help="what to call the key")

    def act(self, **options: Any) -> dict[str, Any]:
        store = find_store(options["store"], options["account"]) if options["store"] else None
        pos = find_pos(options["pos"], options["account"]) if options["pos"] else None
        name = options["name"] or options["store"] or options["pos"]
        return {"key": services.create_key(name=name, store=store, pos=pos)}
