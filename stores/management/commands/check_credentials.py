from typing import Any

from django.core.management.base import CommandError, CommandParser

from stores import credentials
from stores.commands import ScriptableCommand, find_account
from stores.models import Account, Credentials


class Command(ScriptableCommand):
    help = "Ask Mercado Pago whose access token each active account has, now. Exit 1 unless all are good."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--account", help="only this one: the id that create_account printed, or the user id")

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if self._bad:
            raise CommandError(f"{self._bad} accounts have no credentials that are known to be good.")

    def act(self, **options: Any) -> dict[str, Any]:
        chosen = [find_account(options["account"])] if options["account"] else Account.objects.filter(is_active=True)
        verdicts = [(account, credentials.check(account)) for account in chosen]
        self._bad = sum(verdict.credentials != Credentials.GOOD for _account, verdict in verdicts)
        return {
            "accounts": [
                {"account": str(account), "credentials": str(verdict.credentials), "says": verdict.sentence}
                for account, verdict in verdicts
            ]
        }
