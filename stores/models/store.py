"""Branches: addresses that Mercado Pago knows."""

from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from stores import days, hours
from stores.models.account import Account
from stores.models.paper import ReceiptSettings
from stores.places import validate_coordinates
from stores.refusals import STORE_REFUSALS
from stores.registration import Registered, RegisteredQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser, AnonymousUser


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("%(name)s is no time zone; write one like America/Bogota."), params={"name": name})


class RefundPolicy(models.TextChoices):
    """Who decides whether money goes back that no sale was made for."""

    MANUAL = "manual", _("a person decides on a refund")
    AUTO = "auto", _("is refunded by itself")


class Tax(models.TextChoices):
    """The taxes that an order of dialect v2 can name; Colombia only (protocol.md §1.3)."""

    IVA = "IVA", "IVA"
    INC = "INC", "INC"


class StoreQuerySet(RegisteredQuerySet["Store"]):
    """Which stores."""

    def visible_to(self, user: "AbstractUser | AnonymousUser") -> "StoreQuerySet":
        """Those that this person may know of: all with `stores.see_all_stores`, else those they manage."""
        return self if user.has_perm("stores.see_all_stores") else self.filter(managers=user.pk)


class Store(ReceiptSettings, Registered):
    """A branch: an address that Mercado Pago knows, its points of sale, the people who manage it."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="stores", verbose_name=_("account"))
    external_id = models.CharField(
        _("external id"),
        max_length=60,
        validators=[RegexValidator(r"^[A-Za-z0-9]+$", _("Letters and digits only, as in STORE001."))],
    )
    branch_number = models.PositiveSmallIntegerField(
        _("branch number"), editable=False, help_text=_("The first four digits of its receipts.")
    )
    name = models.CharField(_("name"), max_length=100)
    street = models.CharField(_("street"), max_length=100)
    number = models.CharField(_("number"), max_length=20)
    city = models.CharField(_("city"), max_length=100)
    state = models.CharField(_("state"), max_length=100)
    reference = models.CharField(_("reference"), max_length=100, blank=True, default="")
    latitude = models.DecimalField(
        _("latitude"), max_digits=10, decimal_places=7, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.DecimalField(
        _("longitude"), max_digits=10, decimal_places=7, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    time_zone = models.CharField(_("time zone"), max_length=40, validators=[validate_time_zone])
    business_hours = models.JSONField(_("business hours"), default=dict, blank=True, validators=[hours.validate])
    day_starts = models.PositiveSmallIntegerField(
        _("business day starts at"), default=0, validators=[MaxValueValidator(23)],
        help_text=_("Full hours, from 0 for midnight to 23. A station that changes shifts at 06:00 writes 6."),
    )  # fmt: skip
    managers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="managed_stores", blank=True, verbose_name=_("managers")
    )
    surplus_refunds = models.CharField(
        _("what was paid too much"), max_length=10, choices=RefundPolicy, default=RefundPolicy.MANUAL
    )
    late_refunds = models.CharField(
        _("what was paid too late"), max_length=10, choices=RefundPolicy, default=RefundPolicy.MANUAL,
        help_text=_("After an order was canceled or expired. The customer may have left with the goods."),
    )  # fmt: skip
    refund_limit = models.DecimalField(
        _("refund limit"), max_digits=14, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)],
        help_text=_(
            "In the account's currency. When the refunds of one order come to more, a second person must agree. "
            "Empty: one person decides."
        ),
    )  # fmt: skip
    tax = models.CharField(
        _("tax"), max_length=5, choices=Tax, blank=True, default="", help_text=_("In Colombia: which its prices hold.")
    )
    tax_percentage = models.DecimalField(
        _("tax percentage"), max_digits=5, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )  # fmt: skip
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = StoreQuerySet.as_manager()
    refusals = STORE_REFUSALS

    class Meta(Registered.Meta):
        abstract = False
        verbose_name = _("store")
        verbose_name_plural = _("stores")
        permissions = [
            ("see_all_stores", _("Can see all stores, not only those they manage")),
            ("set_refund_limit", _("Can set the refund limit of a store")),
        ]
        constraints = [
            *Registered.Meta.constraints,
            models.UniqueConstraint(fields=["account", "external_id"], name="store_external_id_unique"),
            models.UniqueConstraint(fields=["account", "branch_number"], name="store_branch_number_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.external_id})"

    def clean(self) -> None:
        if self.account_id and self.latitude is not None and self.longitude is not None:
            validate_coordinates(self.account.site, self.latitude, self.longitude)
        if self.tax and self.account_id and not self.account.site.has_taxes:
            raise ValidationError({"tax": _("Orders name a tax in Colombia only: leave this empty.")})
        if self.tax and self.tax_percentage is None:
            raise ValidationError({"tax_percentage": _("How many per cent is the tax? Write 19, for example.")})
        if self.tax_percentage is not None and not self.tax:
            raise ValidationError({"tax": _("Which tax is this percentage of? Choose one, or empty the percentage.")})

    @cached_property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def bounds(self, day: date) -> tuple[datetime, datetime]:
        """From when to when its business day lasts; the end is not a part of it."""
        return days.bounds(day, self.time_zone, hour=self.day_starts)

    def day_at(self, moment: datetime) -> date:
        """The business day that a moment belongs to."""
        return days.day_at(moment, self.time_zone, hour=self.day_starts)
