"""Seller accounts, and the applications that they are connected to."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.contrib.admin import display
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gateway.dialects import Dialect
from gateway.sites import SITE_CHOICES, SITES, Site
from stores.fields import EncryptedTextField, Unreadable, make_token

ENDS_SOON = timedelta(days=7)  # a token that should have been renewed long before


class Application(models.Model):
    """An integrator's application at Mercado Pago: sellers connect their accounts to it (OAuth, protocol.md §7)."""

    name = models.CharField(_("name"), max_length=100)
    site_code = models.CharField(_("site"), max_length=3, choices=SITE_CHOICES)
    client_id = models.CharField(
        _("client id"), max_length=30, unique=True, validators=[RegexValidator(r"^[0-9]+$", _("Digits only."))]
    )
    client_secret = EncryptedTextField(_("client secret"))
    owner_id = models.BigIntegerField(
        _("owner's user id"),
        validators=[MinValueValidator(1)],
        help_text=_("Mercado Pago's number of the account that the application belongs to."),
    )
    is_test = models.BooleanField(_("test application"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints = [
            models.CheckConstraint(condition=models.Q(site_code__in=list(SITES)), name="application_site_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.site_code})"

    def clean(self) -> None:
        """Its sellers were connected to a live or a test application of one country: that stays."""
        fixed = {"site_code": self.site_code, "is_test": self.is_test}
        before = Application.objects.filter(pk=self.pk, accounts__isnull=False).values(*fixed).first()
        if before and before != fixed:
            name = next(name for name in fixed if before[name] != fixed[name])
            raise ValidationError({name: _("Sellers are connected to it already: make another application.")})

    @property
    def site(self) -> Site:
        return SITES[self.site_code]

    @property
    @display(description=_("client secret"))
    def secret_hint(self) -> str:
        """All that is ever shown of the client secret."""
        return _hint(self, "client_secret")


class Credentials(models.TextChoices):
    """What Mercado Pago said of an account's access token when it was last tried."""

    UNKNOWN = "unknown", _("not tested yet")
    GOOD = "good", _("good")
    WRONG_TOKEN = "wrong_token", _("wrong or expired token")
    WRONG_USER = "wrong_user", _("token of another user")
    UNREACHABLE = "unreachable", _("Mercado Pago did not answer")


class AccountQuerySet(models.QuerySet["Account"]):
    """Which accounts wait for what."""

    def due_for_a_test(self, now: datetime) -> Self:
        return self.filter(credentials_due_at__lte=now)

    def due_for_renewal(self, now: datetime) -> Self:
        return self.filter(token_due_at__lte=now)

    def with_wrong_credentials(self, now: datetime) -> Self:
        """Those that a person must give a token: refused, another's, or one that runs out and is not renewed."""
        wrong = models.Q(credentials__in=(Credentials.WRONG_TOKEN, Credentials.WRONG_USER))
        not_renewed = models.Q(token_expires_at__isnull=False, token_due_at=None)
        runs_out = models.Q(token_expires_at__lte=now + ENDS_SOON)
        return self.filter(wrong | not_renewed | runs_out, is_active=True)


class Account(models.Model):
    """One Mercado Pago seller, with the access token we act with."""

    site_code = models.CharField(_("site"), max_length=3, choices=SITE_CHOICES)
    user_id = models.BigIntegerField(_("user id"), unique=True, help_text=_("Mercado Pago's number of the seller."))
    sponsor_id = models.BigIntegerField(
        _("sponsor id"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("The integrator's account, never the seller's own. Of a test account it must be a test user too."),
    )
    access_token = EncryptedTextField(_("access token"))
    is_test = models.BooleanField(
        _("test account"), default=False, help_text=_("A test user's. Live and test accounts are never mixed.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    dialect = models.CharField(
        _("dialect"), max_length=2, choices=[(d.value, d.value) for d in Dialect], default=Dialect.V1.value
    )
    shadows = models.BooleanField(
        _("shadow mode"),
        default=False,
        help_text=_("Also renders each answer in the other dialect and keeps it for comparison. Only looked at."),
    )
    application = models.ForeignKey(
        Application, models.PROTECT, null=True, blank=True, related_name="accounts", verbose_name=_("application"),
        help_text=_("Through which it was connected; empty when its token was given to us."),
    )  # fmt: skip
    refresh_token = EncryptedTextField(blank=True, default="", editable=False)
    token_expires_at = models.DateTimeField(_("token expires"), null=True, editable=False)
    token_due_at = models.DateTimeField(null=True, editable=False)  # when it is renewed; moved on to lease it
    marketplace_fee_percentage = models.DecimalField(
        _("marketplace fee"), max_digits=5, decimal_places=2, default=Decimal(0),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("Per cent of each order that the integrator keeps. Only of connected accounts, in dialect v2."),
    )  # fmt: skip
    credentials = models.CharField(
        _("credentials"), max_length=20, choices=Credentials, default=Credentials.UNKNOWN, editable=False
    )
    credentials_checked_at = models.DateTimeField(_("credentials tested"), null=True, editable=False)
    credentials_note = models.JSONField(blank=True, default=dict, editable=False)  # what was said: text, values
    credentials_due_at = models.DateTimeField(null=True, editable=False)  # when they are tested; moved on to lease it
    quiet_until = models.DateTimeField(null=True, editable=False)  # Mercado Pago asked to be left alone (429)
    unanswered_since = models.DateTimeField(null=True, editable=False)  # shown to people: see `stores.breaker`
    notification_token = models.CharField(max_length=64, unique=True, default=make_token, editable=False)
    webhook_secret = EncryptedTextField(_("webhook secret"), blank=True, default="")
    refuse_invalid_signatures = models.BooleanField(
        _("refuse invalid signatures"),
        default=False,
        help_text=_("Leave off: Mercado Pago does not sign QR notifications in a way that can be checked."),
    )
    # Up to when all of its merchant orders were looked at: an outage is caught up from there.
    swept_until = models.DateTimeField(null=True, editable=False)
    compared_at = models.DateTimeField(null=True, editable=False)  # when its stores and POS were compared last
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.CheckConstraint(condition=models.Q(site_code__in=list(SITES)), name="account_site_known"),
            models.CheckConstraint(
                condition=models.Q(sponsor_id=None) | ~models.Q(sponsor_id=models.F("user_id")),
                name="account_sponsor_is_another",
            ),
            models.CheckConstraint(
                condition=models.Q(credentials__in=Credentials.values), name="account_credentials_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_code} {self.user_id}"

    def clean(self) -> None:
        if self.sponsor_id is not None and self.sponsor_id == self.user_id:
            raise ValidationError({"sponsor_id": _("The integrator's account must differ from the seller's.")})
        if self.marketplace_fee_percentage and self.application is None:
            text = _("Only an account that is connected through an application pays a fee to its integrator.")
            raise ValidationError({"marketplace_fee_percentage": text})
        fixed = models.Q(stores__isnull=False) | models.Q(application__isnull=False)
        if before := Account.objects.filter(fixed, pk=self.pk).values("site_code", "is_test").first():
            if before["is_test"] != self.is_test:
                text = _("It has stores or is connected: live and test are never mixed.")
                raise ValidationError({"is_test": text})
            if before["site_code"] != self.site_code:
                raise ValidationError({"site_code": _("It has stores or is connected: its site stays.")})
        if self.application and self.application.is_test != self.is_test:
            raise ValidationError({"is_test": _("Its application differs: live and test are never mixed.")})

    @property
    def site(self) -> Site:
        return SITES[self.site_code]

    @property
    def credentials_sentence(self) -> str:
        """What came of the last test, in the reader's language; empty when there was none."""
        text: str = self.credentials_note.get("text", "")
        return gettext(text) % self.credentials_note["values"] if text else ""

    @property
    @display(description=_("access token"))
    def token_hint(self) -> str:
        """All that is ever shown of the access token."""
        return _hint(self, "access_token")

    @property
    @display(description=_("address for notifications"))
    def notification_url(self) -> str:
        return f"{settings.PUBLIC_URL}" + reverse("notification", args=[self.notification_token])


def _hint(row: models.Model, name: str) -> str:
    """The last four of a secret; what to do about one that cannot be read."""
    try:
        return f"…{getattr(row, name)[-4:]}"
    except Unreadable as error:
        return str(error)
