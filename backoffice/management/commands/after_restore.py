from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connection

from backoffice import restoring
from stores.commands import ScriptableCommand


class Command(ScriptableCommand):
    help = (
        "Once, after a backup was restored and before the services start: numbers that may have been given since the "
        "backup are left out, so that nothing gets a number that something else has. docs/deploy.md goes through it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--skip-receipts",
            required=True,
            type=int,
            metavar="N",
            help="receipt numbers to leave out in each store: more than it can have given since the backup",
        )

    def act(self, **options: Any) -> dict[str, Any]:
        if connection.vendor != "postgresql":
            raise CommandError("This is for PostgreSQL: a copy of an SQLite file needs another way.")
        if options["skip_receipts"] < 0:
            raise CommandError("--skip-receipts: give a number from 0.", returncode=2)
        last = restoring.last_sale()
        books = restoring.skip_numbers(receipts=options["skip_receipts"])
        return {
            "last_sale_in_the_backup": last and last.isoformat(timespec="seconds"),
            "next_receipts": [{"store": store.external_id, "sequence": next_one} for store, next_one in books],
        }
