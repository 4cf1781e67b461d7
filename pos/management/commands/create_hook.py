from typing import Any

from django.core.management.base import CommandParser

from pos import hooks
from pos.commands import find_pos, find_store
from stores.commands import ScriptableCommand

_NOT_AGAIN = "shown when the webhook was made; for another one choose New secret in the back-office"


class Command(ScriptableCommand):
    help = "Make a webhook: tell the controllers of a store, or of one point of sale. Its secret is printed once."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        owner = parser.add_mutually_exclusive_group(required=True)
        owner.add_argument("--store", help="the store's external id")
        owner.add_argument("--pos", help="the point of sale's external id")
        parser.add_argument("--account", help="whose, where several accounts have one of that name")
        parser.add_argument("--url", required=True, help="where it is told, by POST")

    def act(self, **options: Any) -> dict[str, Any]:
        store = find_store(options["store"], options["account"]) if options["store"] else None
        pos = find_pos(options["pos"], options["account"]) if options["pos"] else None
        hook, is_new = hooks.make(url=options["url"], store=store, pos=pos)
        told = hooks.shown_secret(hook) if is_new else None if options["json"] else _NOT_AGAIN
        return {"id": hook.pk, "url": hook.url, "secret": told, "existing": not is_new, "active": hook.is_active}
