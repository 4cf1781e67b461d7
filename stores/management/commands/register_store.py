from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser

from stores import hours, services
from stores.commands import ScriptableCommand, coordinate, find_account

FIELDS = ("name", "street", "number", "city", "state")


class Command(ScriptableCommand):
    help = "Register a store here and at Mercado Pago, or update the one with this external id."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--account", required=True, help="the id that create_account printed, or the user id")
        parser.add_argument("--external-id", required=True, help="your name for it: letters and digits, at most 60")
        for field in FIELDS:
            parser.add_argument(f"--{field}", required=True)
        parser.add_argument("--latitude", required=True, type=coordinate)
        parser.add_argument("--longitude", required=True, type=coordinate)
        parser.add_argument("--reference", default="", help="how to find it: a floor, a corner")
        parser.add_argument(
            "--hours", help="'monday-friday 08:00-13:00, 15:00-18:00; saturday 09:00-13:00', or 'daily 00:00-23:59'"
        )
        parser.add_argument("--time-zone", help="default: that of the country's capital")

    def act(self, **options: Any) -> dict[str, Any]:
        fields = {name: options[name] for name in (*FIELDS, "latitude", "longitude", "reference")}
        if options["time_zone"]:
            fields["time_zone"] = options["time_zone"]
        if options["hours"] is not None:
            fields["business_hours"] = _hours(options["hours"])
        store = services.register_store(find_account(options["account"]), external_id=options["external_id"], **fields)
        return {"id": store.pk, "external_id": store.external_id, "remote_id": store.remote_id}


def _hours(text: str) -> hours.Hours:
    try:
        return hours.read(text)
    except ValidationError as error:
        raise ValidationError({"hours": error.messages}) from error
