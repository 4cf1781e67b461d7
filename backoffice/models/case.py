"""What waits for a person now."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stores.models import Account, Store

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser, AnonymousUser


def of_places_of(user: "AbstractUser | AnonymousUser") -> Q:
    """What belongs to this person's stores; what belongs to a whole account only for who sees all of its stores."""
    if user.has_perm("stores.see_all_stores"):
        return Q()
    mine = Store.objects.visible_to(user)
    others = Store.objects.exclude(pk__in=mine.values("pk"))
    whole = Account.objects.filter(stores__in=mine).exclude(stores__in=others)
    return Q(store__in=mine) | Q(store=None, account__in=whole)


class CaseQuerySet(models.QuerySet["Case"]):
    """Which cases."""

    def visible_to(self, user: "AbstractUser | AnonymousUser") -> Self:
        return self.filter(of_places_of(user))

    def most_urgent_first(self) -> Self:
        return self.order_by("rank", "since", "pk")


class Case(models.Model):
    """Something that waits for a person: there as long as it waits. What became of it is a `Decision`."""

    source = models.CharField(max_length=20)  # what it is about: see `backoffice.cases.sources`
    object_id = models.BigIntegerField()
    kind = models.CharField(_("what"), max_length=30)
    rank = models.PositiveSmallIntegerField()  # money first
    label = models.CharField(max_length=200)
    store = models.ForeignKey(Store, models.CASCADE, null=True, related_name="+", verbose_name=_("store"))
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+", verbose_name=_("account"))
    since = models.DateTimeField(_("waits since"))
    # Who had it looked at again last, without its leaving by that.
    asked_by = models.CharField(max_length=150, blank=True, default="")

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        default_permissions = ()  # who may see what it is about may see it
        constraints = [models.UniqueConstraint(fields=["source", "object_id"], name="case_once_per_object")]
        indexes = [models.Index(fields=["rank", "since", "id"], name="case_most_urgent")]

    def __str__(self) -> str:
        return f"{self.kind} · {self.label}"


class Look(models.Model):
    """When it was last looked what waits. One row; who brings the cases up to date holds its lock."""

    done_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.done_at)
