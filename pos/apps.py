from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PosConfig(AppConfig):
    name = "pos"
    verbose_name = _("Points of sale")

    def ready(self) -> None:
        from pos.receivers import wake_hook
        from pos.signals import hook_told

        hook_told.connect(wake_hook, dispatch_uid="pos.wake_hook")
