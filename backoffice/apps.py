from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.signals import user_logged_in
from django.core.checks import Error, Warning, register
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from backoffice import roles, sessions


class BackofficeConfig(AppConfig):
    name = "backoffice"
    verbose_name = _("Back-office")

    def ready(self) -> None:
        from backoffice import change_words, comings, receivers, watching  # they name models, which are there only now
        from orders.signals import refund_proposed

        watching.start()
        comings.start()
        change_words.start()
        refund_proposed.connect(receivers.open_case, dispatch_uid="backoffice.open_case")
        # It comes after all apps whose permissions the roles have.
        post_migrate.connect(roles.update, sender=self)
        user_logged_in.connect(sessions.begin)
        register(check_two_factor)
        register(check_mercado_pago, deploy=True)


class BackofficeAdminConfig(AdminConfig):
    """Django's admin, with a front page of ours."""

    default_site = "backoffice.site.BackofficeSite"


def check_two_factor(**_options: Any) -> list[Error]:
    """A role that is misspelt would leave the door open."""
    if unknown := roles.unknown_roles(settings.TWO_FACTOR_REQUIRED):
        text = (
            f"TWO_FACTOR_REQUIRED names {', '.join(sorted(unknown))}; it can be off, all, or {', '.join(roles.Role)}."
        )
        return [Error(text, id="backoffice.E001")]
    return []


def check_mercado_pago(**_options: Any) -> list[Warning]:
    """What is left of a trial: the simulator would be told of every sale, and no customer could pay."""
    meant = {"MERCADO_PAGO_API_URL": "https://api.mercadopago.com", "MERCADO_PAGO_AUTH_URL": ""}
    return [
        Warning(
            f"{name} is {said}: that is not Mercado Pago.", hint="Take it out of the settings.", id=f"backoffice.W00{n}"
        )
        for n, (name, ours) in enumerate(meant.items(), start=1)
        if (said := getattr(settings, name)) != ours
    ]
