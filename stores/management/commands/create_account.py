import os
from typing import Any

from django.core.management.base import CommandError, CommandParser

from gateway.sites import SITES
from stores import accounts
from stores.commands import ScriptableCommand


class Command(ScriptableCommand):
    help = "Make a seller account, or renew its token. The token is read from the environment, never from arguments."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--site", required=True, choices=list(SITES), help="the seller's country")
        parser.add_argument("--user-id", required=True, type=int, help="Mercado Pago's number of the seller")
        parser.add_argument("--sponsor-id", type=int, help="the integrator's account; default: as it is")
        parser.add_argument("--access-token-env", required=True, metavar="VAR", help="the variable with the token")
        parser.add_argument("--test", action="store_true", help="a test user's account; default: as it is")
        parser.add_argument("--correct-site", action="store_true", help="--site was wrong; until there are stores")

    def act(self, **options: Any) -> dict[str, Any]:
        token = os.environ.get(options["access_token_env"], "").strip()
        if not token:
            raise CommandError(f"The variable {options['access_token_env']} is empty: put the access token into it.")
        account = accounts.save(
            site=options["site"],
            user_id=options["user_id"],
            sponsor_id=options["sponsor_id"],
            access_token=token,
            is_test=options["test"] or None,
            corrects_site=options["correct_site"],
        )
        return {"id": account.pk, "notification_url": account.notification_url}
