from typing import Any

from django.core.management.base import CommandParser

from pos.management.registering import RegisteringCommand
from stores.commands import find_account
from stores.models import Account


class Command(RegisteringCommand):
    help = "Tell Mercado Pago of all stores and points of sale that wait for it. Goes on where it was stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--account", help="only of this account: our id or Mercado Pago's user id")

    def act(self, **options: Any) -> dict[str, Any]:
        return self.register([find_account(options["account"])] if options["account"] else list(Account.objects.all()))
