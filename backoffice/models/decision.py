"""Who decided what, and why: append-only."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.models.case import of_places_of
from orders.models import AppendOnly
from stores.models import Account, Store

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser, AnonymousUser


class Outcome(models.TextChoices):
    """How a case left the queue."""

    ACTED = "acted", _("something was done about it")
    SET_ASIDE = "set_aside", _("set aside")
    RESOLVED = "resolved", _("its cause is gone")


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Which decisions."""

    def visible_to(self, user: "AbstractUser | AnonymousUser") -> Self:
        return self.filter(of_places_of(user))


class Decision(AppendOnly):
    """One case that left the queue. It holds for the facts that it was made on: what is new is a case again."""

    case_id = models.BigIntegerField(editable=False)  # its number while it waited; the row is gone
    source = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    kind = models.CharField(_("what"), max_length=30)
    label = models.CharField(_("about"), max_length=200)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    action = models.CharField(max_length=20, blank=True, default="")
    actor = models.CharField(_("who"), max_length=150)
    reason = models.CharField(_("why"), max_length=200)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    facts = models.CharField(max_length=64, blank=True, default="")
    since = models.DateTimeField(_("waited since"))
    at = models.DateTimeField(_("when"), auto_now_add=True)
    store = models.ForeignKey(Store, models.PROTECT, null=True, related_name="+", verbose_name=_("store"))
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", verbose_name=_("account"))

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        default_permissions = ("add", "view")  # add: may decide; none is ever changed or deleted
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="decision_outcome_known"),
            models.CheckConstraint(condition=~Q(actor="") & ~Q(reason=""), name="decision_has_a_name_and_a_reason"),
        ]
        indexes = [
            models.Index(fields=["source", "object_id", "id"], name="decision_of_object"),
            models.Index(fields=["case_id"], name="decision_of_case"),
            models.Index(fields=["store", "-id"], name="decision_of_store"),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.get_outcome_display()}"

    @property
    def why(self) -> str:
        """The reason for people: the system's own are translated."""
        return gettext(self.reason) if self.outcome == Outcome.RESOLVED else self.reason
