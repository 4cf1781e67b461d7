"""Webhooks of ours: controllers that want to be told."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from pos.addresses import ForbiddenAddress, check_typed
from pos.models.point import PointOfSale
from stores.fields import EncryptedTextField, make_token
from stores.models import Store
from stores.setting_aside import SetAside


class Hook(models.Model):
    """Where a controller wants to be told what happens to its orders: a webhook of ours."""

    store = models.ForeignKey(Store, models.CASCADE, null=True, blank=True, verbose_name=_("store"))
    pos = models.ForeignKey(PointOfSale, models.CASCADE, null=True, blank=True, verbose_name=_("point of sale"))
    url = models.URLField(_("address"), max_length=300)
    secret = EncryptedTextField(_("signing secret"), default=make_token, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(store=None) ^ models.Q(pos=None),
                name="hook_of_store_or_pos",
                violation_error_message=_("Choose a store or a point of sale, not both."),
            ),
        ]

    def __str__(self) -> str:
        return self.url

    def clean(self) -> None:
        try:
            check_typed(self.url)
        except ForbiddenAddress as error:
            raise ValidationError({"url": str(error)}) from error
        if self.twin():
            raise ValidationError({"url": _("There is a webhook to this address already.")})

    def twin(self) -> "Hook | None":
        """Another one that tells the same address of the same store or point of sale."""
        twins = Hook.objects.filter(store=self.store_id, pos=self.pos_id, url=self.url).exclude(pk=self.pk)
        return twins.order_by("pk").first()


class HookDeliveryQuerySet(models.QuerySet["HookDelivery"]):
    """Which deliveries."""

    def given_up(self) -> "HookDeliveryQuerySet":
        """What no controller took: a person must look."""
        return self.exclude(failed_at=None)


class HookDelivery(SetAside):
    """One event for one webhook. Sent in the order of their keys, each until it is taken or given up."""

    hook = models.ForeignKey(Hook, models.CASCADE, related_name="deliveries", verbose_name=_("webhook"))
    event = models.CharField(_("event"), max_length=40)
    body = models.TextField(_("body"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    due_at = models.DateTimeField(_("next attempt"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    failed_at = models.DateTimeField(_("given up"), null=True)
    answer = models.CharField(_("last answer"), max_length=300, blank=True, default="")

    objects = HookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="hook_delivery_due"),
            models.Index(fields=["hook", "id"], name="hook_delivery_in_order"),
            models.Index(
                fields=["hook", "id"], condition=models.Q(failed_at__isnull=False), name="hook_delivery_given_up"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"
