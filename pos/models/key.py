"""The keys of the controllers that run points of sale."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.models import AbstractAPIKey, BaseAPIKeyManager

from pos.models.point import PointOfSale
from stores.borrowed import name_fields
from stores.models import Store


class ControllerKey(AbstractAPIKey):
    """The API key of a controller: of one store, or of one point of sale, and blind to all else."""

    store = models.ForeignKey(Store, models.CASCADE, null=True, blank=True, verbose_name=_("store"))
    pos = models.ForeignKey(PointOfSale, models.CASCADE, null=True, blank=True, verbose_name=_("point of sale"))

    objects = BaseAPIKeyManager()  # type: ignore[assignment,misc]

    class Meta(AbstractAPIKey.Meta):
        abstract = False
        verbose_name = _("controller key")  # type: ignore[assignment]
        verbose_name_plural = _("controller keys")  # type: ignore[assignment]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(store=None) ^ models.Q(pos=None),
                name="controller_key_of_store_or_pos",
                violation_error_message=_("Choose a store or a point of sale, not both."),
            ),
        ]


name_fields(ControllerKey)
