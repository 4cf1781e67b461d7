from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _

from stores import accounts, errands
from stores.admin.activating import ActivatingAdmin
from stores.admin.badges import BAD, BUSY, CALM, GOOD, WARN, Tones, badge
from stores.admin.errands import start
from stores.admin.secrets import NewAccountForm, TokenForm
from stores.models import Account, Credentials, Store
from stores.tasks import check_credentials


def test_soon(account_id: int) -> None:
    """Wake the test now; with the broker down, the sweep does."""
    transaction.on_commit(lambda: check_credentials.delay(account_id), robust=True)


class WrongCredentials(admin.SimpleListFilter):
    """What the front page points at."""

    title = _("credentials that need a person")
    parameter_name = "wrong"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("refused, another's or running out"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        return Account.objects.with_wrong_credentials(timezone.now()) & queryset if self.value() == "yes" else queryset


_CREDENTIALS: Tones = {
    Credentials.GOOD: GOOD,
    Credentials.WRONG_TOKEN: BAD,
    Credentials.WRONG_USER: BAD,
    Credentials.UNREACHABLE: WARN,
}


@admin.register(Account)
class AccountAdmin(ActivatingAdmin):
    help_line = _("Your accounts at Mercado Pago: sales are paid to them. Test the credentials when payments stop.")
    empty_hint = _(
        "No accounts yet. Add one with its access token, connect a seller to an application, or use manage.py "
        "create_account."
    )
    list_display = ("user_id", "site_code", "token_hint", "state", "is_test", "is_active")
    list_filter = (WrongCredentials, "site_code", "is_test", "is_active", "application")
    list_select_related = ("application",)
    search_fields = ("user_id",)
    fields = (
        "site_code", "user_id", "sponsor_id", "token_hint", "tested", "renewal", "application", "notification_url",
        "dialect", "shadows", "marketplace_fee_percentage", "is_test", "is_active", "refuse_invalid_signatures",
    )  # fmt: skip
    readonly_fields = ("site_code", "user_id", "token_hint", "tested", "renewal", "application", "notification_url")
    actions = ("test_credentials", "renew_token", "activate")
    object_actions = ("test_credentials", "renew_token")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("stores.add_account")

    def visible_to(self, user: AbstractUser | AnonymousUser, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Also those of the stores that a person manages."""
        if user.has_perm("stores.see_all_stores"):
            return rows
        return rows.filter(pk__in=Store.objects.visible_to(user).values("account"))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        if not change:
            options |= {"form": NewAccountForm, "fields": None}
        return super().get_form(request, obj, change, **options)

    def get_fields(self, request: HttpRequest, obj: Account | None = None) -> Any:
        """Who may only look is shown nothing that opens anything: also the address for notifications holds a secret."""
        if obj is None:
            return (*NewAccountForm.Meta.fields, "access_token")
        return self._but_for_secrets(request, self.fields)

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._but_for_secrets(request, self.list_display)

    def _but_for_secrets(self, request: HttpRequest, names: Any) -> tuple[str, ...]:
        hidden = () if self.has_change_permission(request) else ("token_hint", "notification_url")
        return tuple(name for name in names if name not in hidden)

    def get_readonly_fields(self, request: HttpRequest, obj: Account | None = None) -> tuple[str, ...]:
        """Live or test can be corrected until there are stores, or an application."""
        if obj is None:
            return ()
        fixed = ("is_test",) if obj.application_id or obj.stores.exists() else ()
        return (*self.readonly_fields, *fixed)

    def save_model(self, request: HttpRequest, obj: Account, form: ModelForm[Account], change: bool) -> None:
        if change:
            # Only what was changed: a token may have been renewed since the row was read.
            obj.save(update_fields=form.changed_data)
        else:
            obj.save()
            test_soon(obj.pk)

    @admin.display(description=_("credentials"), ordering="credentials")
    def state(self, account: Account) -> str:
        if account.credentials_due_at:
            return badge(_("being tested…"), BUSY)
        return badge(account.get_credentials_display(), _CREDENTIALS.get(account.credentials, CALM))

    @admin.display(description=_("credentials"))
    def tested(self, account: Account) -> str:
        """The state, the sentence that came with it, and since when."""
        if account.credentials_due_at:
            return str(_("being tested…"))
        parts = [account.get_credentials_display(), account.credentials_sentence]
        if account.credentials_checked_at:
            parts.append(localize(timezone.localtime(account.credentials_checked_at)))
        return " · ".join(part for part in parts if part)

    @admin.display(description=_("renewal"))
    def renewal(self, account: Account) -> str:
        if account.token_expires_at is None:
            return str(_("By hand: whoever gave us the token renews it."))
        end = localize(timezone.localtime(account.token_expires_at).date())
        if account.token_due_at is None:
            return str(_("Not any more: connect the seller again before %(end)s.") % {"end": end})
        due = localize(timezone.localtime(account.token_due_at).date())
        return str(_("By itself on %(due)s; the token would expire on %(end)s.") % {"due": due, "end": end})

    @admin.action(description=_("Test credentials"), permissions=["change"])
    def test_credentials(self, request: HttpRequest, chosen: QuerySet[Account]) -> HttpResponse | None:
        return start(self, request, chosen, errands.TEST)

    @admin.action(description=_("Renew token"), permissions=["change"])
    def renew_token(self, request: HttpRequest, chosen: QuerySet[Account]) -> HttpResponse | None:
        account = chosen.first()
        if account is None or chosen.count() > 1:
            self.message_user(request, _("Choose one account."), messages.ERROR)
            return None
        form = TokenForm(request.POST if "apply" in request.POST else None, account=account)
        if form.is_valid():
            accounts.replace_token(account, access_token=form.cleaned_data["access_token"])
            test_soon(account.pk)
            self.log_change(request, account, [{"changed": {"fields": ["access token"]}}])
            self.message_user(request, _("The token was replaced and is being tested."))
            return self.back_to(chosen)
        lead = _("Account %(account)s has the token %(hint)s. Another one replaces it at once; it is never shown.")
        if account.application:
            lead = _(
                "Account %(account)s is connected through an application, which renews its token %(hint)s by itself. "
                "A token entered here ends that: it must be renewed by hand from then on."
            )
        title, values = _("Renew token"), {"account": account, "hint": account.token_hint}
        return self.ask(request, chosen, "renew_token", title=title, lead=lead % values, form=form, submit=title)
