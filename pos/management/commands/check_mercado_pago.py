from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from gateway.errors import GatewayError, PermanentError
from pos import doctor, services
from pos.models import PointOfSale
from stores import credentials
from stores.commands import ScriptableCommand, find_account
from stores.models import Account, Credentials, Store
from stores.registration import Registration
from stores.services import connect

_NAMED = 5  # of those of whom the same is said
_REGISTERING = 300.0  # seconds; what is left then, a worker or the next run goes on with
Line = dict[str, Any]


class Command(ScriptableCommand):
    help = (
        "The doctor: why could a pump not be paid? Tests credentials, compares stores and points of sale with what "
        "Mercado Pago has, names what is not registered and who is silent, and says what to do about each."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--account", help="only this one: the id that create_account printed, or the user id")
        parser.add_argument("--heal", action="store_true", help="tell Mercado Pago again what it lost or has otherwise")
        parser.add_argument("--strict", action="store_true", help="exit 1 when anything is found, for a cron job")

    def act(self, **options: Any) -> dict[str, Any]:
        accounts = [find_account(options["account"])] if options["account"] else list(Account.objects.order_by("pk"))
        if not accounts:
            raise CommandError("There is no account yet. Make one with create_account.")
        found = _grouped(line for account in accounts for line in _examine(account, heal=options["heal"]))
        self._is_bad = bool(options["strict"] and found)
        verdict = "see what to do about each" if found else "everything can be paid"
        return {"accounts": len(accounts), "findings": found, "verdict": verdict}

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if self._is_bad:
            raise CommandError("Something was found, see above.")


def _examine(account: Account, *, heal: bool) -> Iterator[Line]:
    if not account.is_active:
        yield _line(account, "account", "switched_off", "It is not active.", "Switch it on in the admin.")
    if settings.MERCADO_PAGO_API_URL == "https://api.mercadopago.com" and not settings.PUBLIC_URL.startswith("https"):
        remedy = "Set PUBLIC_URL to the https origin that Mercado Pago reaches us at."
        yield _line(account, "settings", "public_url", f"PUBLIC_URL is {settings.PUBLIC_URL}.", remedy)
    verdict = credentials.check(account)
    if verdict.credentials is not Credentials.GOOD:
        yield _line(account, "account", verdict.credentials, str(verdict.credentials.label), verdict.sentence)
    try:
        if verdict.credentials in (Credentials.GOOD, Credentials.UNREACHABLE):
            yield from _drift(account, heal=heal)
    except PermanentError as error:
        yield _line(account, "account", "not_compared", str(error), "Test the account's credentials.")
    except GatewayError as error:
        yield _line(account, "account", "not_compared", str(error), "Run this again in a moment.")
    yield from _not_registered(account)
    yield from _silent(account)


def _drift(account: Account, *, heal: bool) -> Iterator[Line]:
    client = connect(account)
    if heal:
        PointOfSale.objects.filter(account=account).try_again()
        services.register_due(account, seconds=_REGISTERING)
    findings = doctor.compare(account, client=client)
    if heal and doctor.heal(findings):
        services.register_due(account, seconds=_REGISTERING)
        findings = doctor.compare(account, client=client)
    for finding in findings:
        fields = "; ".join(f"{name}: {here} here, {there} there" for name, here, there in finding.described)
        subject = f"{'store' if finding.is_store else 'POS'} {finding.external_id}"
        yield _line(account, subject, finding.kind, fields or finding.get_kind_display(), finding.remedy)


def _not_registered(account: Account) -> Iterator[Line]:
    rows: list[Store | PointOfSale] = [
        *Store.objects.filter(account=account).exclude(registration=Registration.REGISTERED),
        *PointOfSale.objects.filter(account=account).exclude(registration=Registration.REGISTERED),
    ]
    for row in rows:
        subject = f"{'store' if isinstance(row, Store) else 'POS'} {row.external_id}"
        yield _line(account, subject, row.registration, row.registration_message, str(row.outcome))


def _silent(account: Account) -> Iterator[Line]:
    """Only what can be paid otherwise: where nothing is registered yet, nobody expects a controller."""
    now = timezone.now()
    points = PointOfSale.objects.select_related("store__account").filter(account=account)
    for pos in points.filter(registration=Registration.REGISTERED):
        if not pos.is_in_service or not pos.is_unreachable(now):
            continue
        if pos.status_at is None:
            text = "Its controller never reported; customers are told that it cannot be reached."
            remedy = "Connect its controller (docs/controllers.md), or empty its heartbeat until then."
            yield _line(account, f"POS {pos.external_id}", "never_reported", text, remedy)
        else:
            since = f"{pos.get_status_display()}, last heard of at {pos.status_at:%Y-%m-%d %H:%M} UTC"
            remedy = "See whether its controller has power, network and a valid key; it must report its status."
            yield _line(account, f"POS {pos.external_id}", "silent", since, remedy)


def _grouped(lines: Iterable[Line]) -> list[Line]:
    """What is said of many in the same words is said once, with their names: what is rare comes first."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for line in lines:
        key = tuple(line[name] for name in ("account", "what", "detail", "remedy"))
        groups.setdefault(key, []).append(line["subject"])
    found = [
        {"account": account, "subject": _names(subjects), "count": len(subjects), "what": what, "detail": detail}
        | {"remedy": remedy}
        for (account, what, detail, remedy), subjects in groups.items()
    ]
    return sorted(found, key=lambda line: line["count"])


def _names(subjects: list[str]) -> str:
    if len(subjects) <= _NAMED:
        return ", ".join(subjects)
    return f"{', '.join(subjects[:_NAMED])} and {len(subjects) - _NAMED} more"


def _line(account: Account, subject: str, what: str, detail: str, remedy: str) -> Line:
    return {"account": str(account), "subject": subject, "what": what, "detail": detail, "remedy": remedy}
