"""The pages, grouped by what people do. Another page is one more line in the table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Rows:
    """The list of a model; shown to whoever may look at it."""

    model: str  # as in `orders.Order`


@dataclass(frozen=True, slots=True)
class Page:
    """Any other page, by the name of its address; shown to whoever has all of the permissions."""

    address: str
    label: StrOrPromise
    permissions: tuple[str, ...] = ()


_IMPORTS = ("stores.add_store", "stores.change_store", "pos.add_pointofsale", "pos.change_pointofsale")
_SET_UP: Final = _("Set-up")
_BEHIND: Final = _("Behind the scenes")  # what is registered and stands in no group comes here, too

GROUPS: Final[tuple[tuple[StrOrPromise, tuple[Rows | Page, ...]], ...]] = (
    (
        _("Today"),
        (
            Page("admin:index", _("Home")),
            Page("admin:board", _("Forecourt board"), ("pos.view_pointofsale", "orders.view_order")),
            Page("admin:attention", _("What waits for a person"), ("orders.view_order",)),
            Rows("backoffice.Alarm"),
            Rows("stores.Errand"),
            Page("admin:closing", _("Close of day"), ("backoffice.view_closing",)),
            Page("admin:handbook", _("Handbook")),
        ),
    ),
    (
        _("Money"),
        (
            Rows("orders.Order"),
            Rows("receipts.Receipt"),
            Rows("orders.Payment"),
            Rows("orders.RefundRequest"),
            Rows("orders.Refund"),
            Rows("orders.Audit"),
            Rows("orders.Difference"),
            Page("admin:settlement", _("Settlement reports"), ("backoffice.view_settlementrun",)),
            Rows("backoffice.SettlementRow"),
            Rows("orders.MoneyEntry"),
        ),
    ),
    (
        _("Forecourt"),
        (
            Rows("pos.PointOfSale"),
            Rows("stores.Store"),
            Page("admin:pos_scan", _("Verify a sticker"), ("pos.view_pointofsale",)),
            Rows("receipts.Printer"),
            Rows("receipts.PrintJob"),
            Rows("pos.ControllerKey"),
            Rows("receipts.PrinterKey"),
        ),
    ),
    (
        _SET_UP,
        (
            Rows("stores.Account"),
            Rows("stores.Application"),
            Page("admin:chain_import", _("Import a table"), _IMPORTS),
            Rows("pos.Finding"),
            Rows("pos.Hook"),
            Rows("backoffice.AlarmRecipient"),
            Rows("auth.User"),
            Rows("auth.Group"),
            Rows("auditlog.LogEntry"),
        ),
    ),
    (
        _BEHIND,
        (
            Rows("notifications.Notification"),
            Rows("orders.MerchantOrder"),
            Rows("orders.Transition"),
            Rows("orders.ShadowAnswer"),
            Rows("pos.HookDelivery"),
            Rows("receipts.Document"),
            Rows("receipts.Copy"),
            Rows("receipts.ReceiptMail"),
            Rows("receipts.ReceiptBook"),
        ),
    ),
)

_FOLDED: Final = (_SET_UP, _BEHIND)  # seldom needed: their pages are seen when somebody opens them, or is on one


def groups(request: HttpRequest, models: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The groups with the pages that this person may open, as Django's admin hands them to its templates.

    `models` are those that may be seen, by label in lower case.
    """
    left = dict(models)
    built = [(name, list(_entries(request, pages, left))) for name, pages in GROUPS]
    built[-1][1].extend(_row(request, left[label]) for label in sorted(left))
    home = reverse("admin:index")
    return [
        {
            "name": name,
            "app_label": f"group-{number}",
            "app_url": home,
            "has_module_perms": True,
            "models": entries,
            "is_folded": name in _FOLDED,
            "is_here": any(_is_here(request, entry) for entry in entries),
        }
        for number, (name, entries) in enumerate(built)
        if entries
    ]


def _is_here(request: HttpRequest, entry: dict[str, Any]) -> bool:
    return bool(entry["admin_url"] == request.path or entry.get("is_here"))


def _entries(
    request: HttpRequest, pages: tuple[Rows | Page, ...], left: dict[str, dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    for page in pages:
        if isinstance(page, Rows):
            if model := left.pop(page.model.lower(), None):
                yield _row(request, model)
        elif request.user.has_perms(page.permissions):
            yield _page(page)


def _row(request: HttpRequest, model: dict[str, Any]) -> dict[str, Any]:
    return model | {"is_here": bool(model["admin_url"]) and request.path.startswith(model["admin_url"])}


def _page(page: Page) -> dict[str, Any]:
    url = reverse(page.address)
    return {"name": page.label, "object_name": page.address.partition(":")[2], "admin_url": url, "add_url": None}
