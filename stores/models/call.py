"""What we asked of Mercado Pago."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stores.models.account import Account

TROUBLE = ("TemporaryError", "Unauthorized")  # what is wrong with Mercado Pago, the way there, or the token


class ApiCallQuerySet(models.QuerySet["ApiCall"]):
    """Which calls."""

    def about(self, *rows: models.Model) -> "ApiCallQuerySet":
        return self.filter(about__in=[subject(row) for row in rows])

    def in_trouble(self) -> "ApiCallQuerySet":
        """Those that say that Mercado Pago cannot be used, not only that one thing is not to be had."""
        return self.filter(error__in=TROUBLE)


class ApiCall(models.Model):
    """One call to Mercado Pago, without query, headers and bodies: nothing secret. Append-only, kept for a while."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", verbose_name=_("account"))
    # "order 17", "pointofsale 3": no foreign key, since what it names is of the apps above.
    about = models.CharField(_("about"), max_length=40, blank=True, default="")
    at = models.DateTimeField(_("when"))
    method = models.CharField(_("method"), max_length=6)
    path = models.CharField(_("path"), max_length=200)
    status = models.PositiveSmallIntegerField(_("status"))  # 0: no answer at all
    milliseconds = models.PositiveIntegerField(_("milliseconds"))
    error = models.CharField(_("error"), max_length=40, blank=True, default="")
    request_id = models.CharField(_("request id"), max_length=100, blank=True, default="")

    objects = ApiCallQuerySet.as_manager()

    class Meta:
        verbose_name = _("call to Mercado Pago")
        verbose_name_plural = _("calls to Mercado Pago")
        indexes = [
            models.Index(fields=["about", "-at"], condition=~Q(about=""), name="api_call_about"),
            models.Index(fields=["account", "-at"], condition=~Q(error=""), name="api_call_failed"),
            models.Index(fields=["at"], name="api_call_at"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def subject(row: models.Model) -> str:
    """How a call names what it is about."""
    return f"{row._meta.model_name} {row.pk}"
