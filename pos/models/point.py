"""Points of sale."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.admin import display
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from gateway.dialects import Dialect
from gateway.sites import CATEGORIES
from pos.refusals import POS_REFUSALS
from stores.models import Account, Store, make_token
from stores.registration import Registered, RegisteredQuerySet

if TYPE_CHECKING:
    from pos.models.key import ControllerKey


_CATEGORY_LABELS = {"gas_station": _("gas station"), "gastronomy": _("gastronomy"), "other": _("other")}
CATEGORY_CHOICES = [(name, _CATEGORY_LABELS[name]) for name in CATEGORIES]


class ControllerStatus(models.TextChoices):
    """What the pump or machine says of itself (contract §4)."""

    IDLE = "idle", _("idle")
    IN_PROCESS = "in_process", _("in process")
    OFFLINE = "offline", _("offline")


class PointOfSaleQuerySet(RegisteredQuerySet["PointOfSale"]):
    """Which points of sale."""

    def visible_to(self, key: "ControllerKey") -> "PointOfSaleQuerySet":
        """Those that a controller's key may see: its own, or its store's."""
        return self.filter(pk=key.pos_id) if key.pos_id else self.filter(store=key.store_id)

    def in_service(self) -> "PointOfSaleQuerySet":
        return self.filter(is_active=True, store__is_active=True, account__is_active=True)

    def unreachable(self, now: datetime) -> "PointOfSaleQuerySet":
        """Those in service for which `is_unreachable` holds."""
        seconds = models.ExpressionWrapper(models.F("heartbeat"), models.IntegerField())
        pause = models.ExpressionWrapper(seconds * models.Value(timedelta(seconds=1)), models.DurationField())
        expected_at = models.ExpressionWrapper(models.F("status_at") + pause, models.DateTimeField())
        silent = models.Q(heartbeat__isnull=False) & (models.Q(status_at=None) | models.Q(expected_at__lt=now))
        rows = self.in_service().alias(expected_at=expected_at)
        return rows.filter(models.Q(status=ControllerStatus.OFFLINE) | silent)


class PointOfSale(Registered):
    """A pump side, a vending machine, a wash bay: one QR code, one polled URL, at most one open order."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="+", editable=False)
    store = models.ForeignKey(Store, models.PROTECT, related_name="points_of_sale", verbose_name=_("store"))
    external_id = models.CharField(
        _("external id"),
        max_length=39,
        validators=[RegexValidator(r"^[A-Za-z0-9]+$", _("Letters and digits only, as in POS0001."))],
    )
    name = models.CharField(_("name"), max_length=44)
    category = models.CharField(_("category"), max_length=20, choices=CATEGORY_CHOICES)
    dialect = models.CharField(
        _("dialect"), max_length=2, blank=True, default="", choices=[(d.value, d.value) for d in Dialect],
        help_text=_("Empty: the account's."),
    )  # fmt: skip
    poll_token = models.CharField(max_length=64, unique=True, default=make_token, editable=False)
    order_lifetime = models.PositiveIntegerField(
        _("order lifetime"),
        default=15 * 60,
        validators=[MinValueValidator(30), MaxValueValidator(24 * 3600)],
        help_text=_("Seconds until an unpaid order expires."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    status = models.CharField(
        _("status"), max_length=10, choices=ControllerStatus, default=ControllerStatus.IDLE, editable=False
    )
    status_at = models.DateTimeField(_("last report"), null=True, editable=False)
    # Since when, and how often, it has said this: see `StatusSpell`.
    status_since = models.DateTimeField(null=True, editable=False)
    status_reports = models.PositiveIntegerField(default=0, editable=False)
    amount_so_far = models.DecimalField(
        _("amount so far"), max_digits=14, decimal_places=2, null=True, editable=False
    )  # while it dispenses, as its controller tells; never what is charged
    heartbeat = models.PositiveIntegerField(
        _("heartbeat"),
        null=True,
        blank=True,
        validators=[MinValueValidator(5), MaxValueValidator(24 * 3600)],
        help_text=_("Seconds after which a controller that says nothing counts as unreachable. Empty: never."),
    )
    last_polled_at = models.DateTimeField(_("last polled"), null=True, editable=False)

    qr_payload = models.CharField(_("QR content"), max_length=512, blank=True, default="", editable=False)
    qr_image = models.URLField(_("QR picture"), max_length=300, blank=True, default="", editable=False)
    qr_template_document = models.URLField(max_length=300, blank=True, default="", editable=False)
    qr_template_image = models.URLField(max_length=300, blank=True, default="", editable=False)
    # When Mercado Pago's files are asked for again while one is missing; empty: with the next sweep.
    qr_due_at = models.DateTimeField(null=True, editable=False)
    qr_attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    qr_problem = models.CharField(_("what is wrong with the QR code"), max_length=300, default="", editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = PointOfSaleQuerySet.as_manager()
    refusals = POS_REFUSALS

    class Meta(Registered.Meta):
        abstract = False
        verbose_name = _("point of sale")
        verbose_name_plural = _("points of sale")
        constraints = [
            *Registered.Meta.constraints,
            models.UniqueConstraint(fields=["account", "external_id"], name="pos_external_id_unique"),
            models.CheckConstraint(condition=models.Q(status__in=ControllerStatus.values), name="pos_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.external_id})"

    def clean(self) -> None:
        if self.store_id and self.external_id:
            others = PointOfSale.objects.filter(account=self.store.account_id, external_id=self.external_id)
            if others.exclude(pk=self.pk).exists():
                # Which one is not said: it may be of a store that this person may not know of.
                text = _("Another point of sale of this account has this external id already; choose another one.")
                raise ValidationError({"external_id": text})

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Kept beside the store so that the database can hold external ids unique within the account.
        self.account_id = self.store.account_id
        super().save(*args, **kwargs)

    @property
    @display(description=_("polled address"))
    def poll_url(self) -> str:
        """What Mercado Pago asks for an order: the `url` of the point of sale."""
        return f"{settings.PUBLIC_URL}" + reverse("poll", args=[self.poll_token])

    @property
    def wire_dialect(self) -> Dialect:
        return Dialect(self.dialect or self.store.account.dialect)

    @property
    def is_in_service(self) -> bool:
        return self.is_active and self.store.is_active and self.store.account.is_active

    def is_unreachable(self, now: datetime) -> bool:
        """Its controller said so, or has to report and has not for too long."""
        if self.status == ControllerStatus.OFFLINE:
            return True
        if not self.heartbeat:
            return False
        return self.status_at is None or now - self.status_at > timedelta(seconds=self.heartbeat)
