from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class BackofficeConfig(AppConfig):
    name = "backoffice"
    verbose_name = _("Back-office")

    def ready(self) -> None:
        from backoffice import watching  # it names models, which are there only now

        watching.start()


class BackofficeAdminConfig(AdminConfig):
    """Django's admin, with a front page of ours."""

    default_site = "backoffice.site.BackofficeSite"
