"""What the doctor found: where Mercado Pago and we do not agree."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pos.models.point import PointOfSale
from stores.models import Account, Store
from stores.setting_aside import SetAside


class FindingKind(models.TextChoices):
    """What is not as it should be."""

    MISSING_THERE = "missing_there", _("Mercado Pago does not have it")
    CHANGED_THERE = "changed_there", _("is different at Mercado Pago")
    UNKNOWN_HERE = "unknown_here", _("only Mercado Pago has it")


class FindingQuerySet(models.QuerySet["Finding"]):
    """Which findings."""

    def left_to_people(self) -> "FindingQuerySet":
        return self.filter(set_aside_at=None)


class Finding(SetAside):
    """One of them, as of the last look at its account. It goes when it is no longer so."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="findings", verbose_name=_("account"))
    kind = models.CharField(_("what"), max_length=20, choices=FindingKind)
    store = models.ForeignKey(Store, models.CASCADE, null=True, related_name="+", verbose_name=_("store"))
    pos = models.ForeignKey(PointOfSale, models.CASCADE, null=True, related_name="+", verbose_name=_("point of sale"))
    is_store = models.BooleanField(default=False)
    external_id = models.CharField(_("external id"), max_length=60)
    name = models.CharField(_("name"), max_length=100, blank=True, default="")
    differences = models.JSONField(_("differences"), default=dict)  # field → [here, there]
    first_seen_at = models.DateTimeField(_("first seen"), auto_now_add=True)
    seen_at = models.DateTimeField(_("last seen"), auto_now=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("difference in what is registered")
        verbose_name_plural = _("differences in what is registered")
        ordering = ["account", "-is_store", "external_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "is_store", "external_id", "kind"], name="finding_once_per_subject"
            ),
            models.CheckConstraint(condition=Q(kind__in=FindingKind.values), name="finding_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id}: {self.get_kind_display()}"

    @property
    def can_be_healed(self) -> bool:
        """Telling Mercado Pago again makes it right, and takes nothing away from anybody."""
        return self.kind != FindingKind.UNKNOWN_HERE

    @property
    def remedy(self) -> str:
        """What to do about it, in a sentence."""
        if self.kind == FindingKind.UNKNOWN_HERE:
            command = "register_store" if self.is_store else "register_pos"
            text = gettext(
                "If it is yours, take it over with manage.py %(command)s --external-id %(id)s; "
                "if another system uses it, leave it; else delete it at Mercado Pago."
            )
            return text % {"command": command, "id": self.external_id}
        if self.kind == FindingKind.MISSING_THERE and not self.is_store:
            return gettext(
                "Nobody can pay here. Heal it: it is registered again and gets a new QR code, to be printed anew."
            )
        return gettext("Heal it: Mercado Pago is told again what stands here.")

    @property
    def described(self) -> list[tuple[str, Any, Any]]:
        return [(field, *values) for field, values in self.differences.items()]
