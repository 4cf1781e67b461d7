"""What all commands share: `--json`, and exit codes 0 done, 1 failed, 2 wrong use."""

import json
from abc import abstractmethod
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from gateway.errors import GatewayError
from stores.models import Account


class ScriptableCommand(BaseCommand):
    """A command that people read and scripts parse. `act` returns what happened, by name."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object, for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = self.act(**options)
        except (GatewayError, ObjectDoesNotExist, ValidationError, ValueError) as error:
            fields = _by_field(error)
            text = _sentences(error) if isinstance(error, ValidationError) else str(error)
            if options["json"]:
                self.stdout.write(json.dumps({"error": text} | ({"errors": fields} if fields else {})))
            raise CommandError(text) from error
        if options["json"]:
            self.stdout.write(json.dumps(result, default=str))
        else:
            for name, value in result.items():
                self.stdout.write(_lines(name.replace("_", " "), value))

    @abstractmethod
    def act(self, **options: Any) -> dict[str, Any]:
        """Do it, and say what came of it."""


def _lines(name: str, value: Any) -> str:
    """A list gets a line for each of its entries, and so do things that have names."""
    if isinstance(value, dict):
        return "\n  ".join([f"{name}:", *(f"{k.replace('_', ' ')}: {v}" for k, v in value.items())])
    if not isinstance(value, list):
        return f"{name}: {value}"
    entries = [" · ".join(f"{k.replace('_', ' ')} {v}" for k, v in one.items() if v not in ("", None)) for one in value]
    return "\n  ".join([f"{name}: {len(value)}", *entries])


def coordinate(text: str) -> Decimal:
    """Degrees, rounded to a centimetre."""
    try:
        degrees = Decimal(text)
        if degrees.is_finite():
            return round(degrees, 7)
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is no number") from error
    raise ValueError(f"{text!r} is no number")  # nan, inf


def find_account(key: str) -> Account:
    """By our id or by Mercado Pago's user id."""
    if not key.isdecimal():
        raise CommandError(f"--account {key}: give the id that create_account printed", returncode=2)
    account = Account.objects.filter(pk=key).first() or Account.objects.filter(user_id=key).first()
    if account is None:
        raise CommandError(f"--account {key}: there is no such account. Make one with create_account.")
    return account


def _by_field(error: Exception) -> dict[str, list[str]]:
    return error.message_dict if isinstance(error, ValidationError) and hasattr(error, "error_dict") else {}


def _sentences(error: ValidationError) -> str:
    fields = _by_field(error).items()
    return "; ".join(f"{field}: {' '.join(texts)}" for field, texts in fields) or " ".join(error.messages)
