from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from stores import rotation
from stores.commands import ScriptableCommand


class Command(ScriptableCommand):
    help = (
        "Encrypt every secret in the database with the first of FIELD_ENCRYPTION_KEYS. To change the key: put the new "
        "one first, restart everything, run this, run it with --check, then take the old one out. Beside a running "
        "system, and again after an interruption."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if an older key is needed")
        parser.add_argument("--batch", type=int, default=500, help="rows to read at a time")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["batch"] < 1:
            raise CommandError("--batch: at least 1", returncode=2)
        super().handle(*args, **options)
        if self._tally.unreadable:
            raise CommandError("No key of FIELD_ENCRYPTION_KEYS opens some secrets: put theirs back, at the end.")
        if options["check"] and self._tally.with_older_key:
            raise CommandError("Secrets need an older key still: run this without --check.")

    def act(self, **options: Any) -> dict[str, Any]:
        self._tally = rotation.rotate(batch=options["batch"], only_look=options["check"])
        return asdict(self._tally)
