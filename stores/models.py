"""Seller accounts and their stores."""

import secrets
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.admin import display
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from gateway.dialects import Dialect
from gateway.sites import SITE_CHOICES, SITES, Site
from stores.fields import EncryptedTextField


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("%(name)s is no time zone; write one like America/Bogota."), params={"name": name})


def make_token() -> str:
    """An unguessable part of a public URL: 256 bits."""
    return secrets.token_urlsafe(32)


class Account(models.Model):
    """One Mercado Pago seller, with the access token we act with."""

    site_code = models.CharField(_("site"), max_length=3, choices=SITE_CHOICES)
    user_id = models.BigIntegerField(_("user id"), unique=True, help_text=_("Mercado Pago's number of the seller."))
    sponsor_id = models.BigIntegerField(
        _("sponsor id"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("The integrator's account; never the seller's own."),
    )
    access_token = EncryptedTextField(_("access token"))
    is_test = models.BooleanField(_("test account"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    dialect = models.CharField(
        _("dialect"), max_length=2, choices=[(d.value, d.value) for d in Dialect], default=Dialect.V1.value
    )
    notification_token = models.CharField(max_length=64, unique=True, default=make_token, editable=False)
    webhook_secret = EncryptedTextField(_("webhook secret"), blank=True, default="")
    refuse_invalid_signatures = models.BooleanField(
        _("refuse invalid signatures"),
        default=False,
        help_text=_("Leave off: Mercado Pago does not sign QR notifications in a way that can be checked."),
    )
    # Up to when all of its merchant orders were looked at: an outage is caught up from there.
    swept_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.CheckConstraint(condition=models.Q(site_code__in=list(SITES)), name="account_site_known"),
            models.CheckConstraint(
                condition=models.Q(sponsor_id=None) | ~models.Q(sponsor_id=models.F("user_id")),
                name="account_sponsor_is_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_code} {self.user_id}"

    def clean(self) -> None:
        if self.sponsor_id is not None and self.sponsor_id == self.user_id:
            raise ValidationError({"sponsor_id": _("The integrator's account must differ from the seller's.")})

    @property
    def site(self) -> Site:
        return SITES[self.site_code]

    @property
    @display(description=_("access token"))
    def token_hint(self) -> str:
        """All that is ever shown of the access token."""
        return f"…{self.access_token[-4:]}"

    @property
    @display(description=_("address for notifications"))
    def notification_url(self) -> str:
        return f"{settings.PUBLIC_URL}" + reverse("notification", args=[self.notification_token])


class RefundPolicy(models.TextChoices):
    """Who decides whether money goes back that no sale was made for."""

    MANUAL = "manual", _("a person decides on a refund")
    AUTO = "auto", _("is refunded by itself")


class Store(models.Model):
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
    business_hours = models.JSONField(_("business hours"), default=dict, blank=True)
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
    is_active = models.BooleanField(_("active"), default=True)
    remote_id = models.BigIntegerField(_("id at Mercado Pago"), null=True, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("store")
        verbose_name_plural = _("stores")
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="store_external_id_unique"),
            models.UniqueConstraint(fields=["account", "branch_number"], name="store_branch_number_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.external_id})"

    @cached_property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
