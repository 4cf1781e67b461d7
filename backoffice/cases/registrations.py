"""Cases about what Mercado Pago knows of us: accounts, stores, points of sale. Where it is wrong nobody can pay."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.cases.story import RANK_BLOCKED, Action, Source, Story, by_name, fingerprint, moment
from pos import doctor
from pos.models import Finding, PointOfSale
from pos.tasks import register_account
from stores.credentials import ask_for_test
from stores.models import Account, Store
from stores.registration import Registered, Registration

_REFUSED = (Registration.REFUSED, Registration.HOST_NOT_ENABLED)


class AccountSource(Source[Account]):
    """Accounts whose access token is wrong or runs out."""

    name, permission = "account", "stores.view_account"
    kinds = {"credentials": (gettext_lazy("wrong credentials"), RANK_BLOCKED)}
    set_aside_permissions = ("stores.change_account",)

    def live(self) -> QuerySet[Account]:
        return Account.objects.with_wrong_credentials(timezone.now())

    def place(self, row: Account) -> tuple[int | None, int]:
        return None, row.pk

    def since(self, row: Account) -> datetime:
        return row.credentials_checked_at or timezone.now()

    def story(self, row: Account) -> Story:
        told: list[Any] = [row.credentials_sentence] if row.credentials_sentence else []
        if row.token_expires_at:
            at = moment(row.token_expires_at, row.site.time_zone)
            told.append(_("The access token of account %(account)s ends %(at)s.") % {"account": row, "at": at})
        test = Action("test", _("Test again"), ("stores.change_account",), by_name(_test, row), False)
        return Story(
            url=reverse("admin:stores_account_change", args=[row.pk]),
            sentences=told,
            proposal=_("Give the account a new access token, or connect it again, on its page."),
            facts=fingerprint(row.credentials, row.token_expires_at),
            actions=[test],
        )


def _test(account: Account, **_who: Any) -> None:
    ask_for_test(account)


def _registered(row: Registered, url: str, account_id: int, permission: str) -> Story:
    return Story(
        url=url,
        sentences=[_("Mercado Pago does not know %(row)s.") % {"row": row}, row.outcome],
        proposal=_("Mend on its page what Mercado Pago refuses, then tell Mercado Pago again."),
        facts=fingerprint(row.registration, row.registration_code, row.registration_message, row.revision),
        actions=[Action("tell", _("Tell Mercado Pago again"), (permission,), by_name(_tell, row, account_id))],
    )


def _tell(row: Registered, account_id: int, **_who: Any) -> None:
    row.tell_again()
    transaction.on_commit(lambda: register_account.delay(account_id), robust=True)


class StoreSource(Source[Store]):
    """Stores that Mercado Pago refuses."""

    name, permission = "store", "stores.view_store"
    kinds = {"store": (gettext_lazy("store unknown to Mercado Pago"), RANK_BLOCKED)}
    set_aside_permissions = ("stores.change_store",)

    def live(self) -> QuerySet[Store]:
        return Store.objects.filter(registration__in=_REFUSED).select_related("account")

    def place(self, row: Store) -> tuple[int | None, int]:
        return row.pk, row.account_id

    def story(self, row: Store) -> Story:
        url = reverse("admin:stores_store_change", args=[row.pk])
        return _registered(row, url, row.account_id, "stores.change_store")


class PosSource(Source[PointOfSale]):
    """Points of sale that Mercado Pago refuses."""

    name, permission = "pos", "pos.view_pointofsale"
    kinds = {"pos": (gettext_lazy("point of sale unknown to Mercado Pago"), RANK_BLOCKED)}
    set_aside_permissions = ("pos.change_pointofsale",)

    def live(self) -> QuerySet[PointOfSale]:
        return PointOfSale.objects.filter(registration__in=_REFUSED).select_related("store__account")

    def place(self, row: PointOfSale) -> tuple[int | None, int]:
        return row.store_id, row.store.account_id

    def story(self, row: PointOfSale) -> Story:
        url = reverse("admin:pos_pointofsale_change", args=[row.pk])
        return _registered(row, url, row.store.account_id, "pos.change_pointofsale")


_MAY_HEAL = ("stores.change_store", "pos.change_pointofsale")


class FindingSource(Source[Finding]):
    """What the doctor found."""

    name, permission = "finding", "pos.view_finding"
    kinds = {"finding": (gettext_lazy("registered otherwise at Mercado Pago"), RANK_BLOCKED)}
    set_aside_permissions = _MAY_HEAL

    def live(self) -> QuerySet[Finding]:
        return Finding.objects.left_to_people().select_related("account", "store", "pos__store")

    def place(self, row: Finding) -> tuple[int | None, int]:
        store = row.store or (row.pos.store if row.pos else None)
        return store.pk if store else None, row.account_id

    def since(self, row: Finding) -> datetime:
        return row.first_seen_at

    def story(self, row: Finding) -> Story:
        told = [f"{row.name} ({row.external_id}): {row.get_kind_display()}."]
        told += [f"{field}: {here} → {there}" for field, here, there in row.described]
        heal = Action("heal", _("Tell Mercado Pago again"), _MAY_HEAL, by_name(_heal, row))
        return Story(
            url=reverse("admin:pos_finding_change", args=[row.pk]),
            sentences=[*told],
            proposal=row.remedy,
            facts=fingerprint(row.kind, row.differences),
            actions=[heal] if row.can_be_healed else [],
        )

    def set_aside(self, row: Finding, *, actor: str, reason: str) -> None:
        doctor.set_aside(row, actor=actor, reason=reason)


def _heal(finding: Finding, **_who: Any) -> None:
    account_id = finding.account_id
    doctor.heal([finding])
    finding.delete()
    transaction.on_commit(lambda: register_account.delay(account_id), robust=True)
