from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from orders.admin.inlines import ReadOnlyInline
from orders.models import Audit, Difference
from stores.admin import ReadOnlyAdmin


class DifferenceInline(ReadOnlyInline):
    model = Difference
    fields = ("kind", "order", "merchant_order_id", "payment_id", "here", "there", "healed")
    related = ("audit__store__account",)


@admin.register(Audit)
class AuditAdmin(ReadOnlyAdmin):
    help_line = _(
        "One line for each business day and store: the money here beside Mercado Pago's. They should be equal."
    )
    store_path = "store"
    empty_hint = _("None yet. Three hours after its end, each store's business day is compared with Mercado Pago.")
    list_display = ("day", "store", "merchant_orders", "ours", "theirs", "found", "left", "done_at")
    amounts = ("ours", "theirs")
    currency = "store.account.site.currency"
    list_filter = ("store",)
    list_select_related = ("store__account",)
    search_fields = ("store__name", "store__external_id")
    fields = ("day", "store", "merchant_orders", "ours", "theirs", "done_at")
    inlines = (DifferenceInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Audit]:
        left = Count("differences", filter=Q(differences__healed=False))
        rows: QuerySet[Audit] = super().get_queryset(request)
        return rows.annotate(found_count=Count("differences"), left_count=left)

    @admin.display(description=_("differences"))
    def found(self, audit: Audit) -> int:
        return audit.found_count  # type: ignore[attr-defined,no-any-return]  # annotated above

    @admin.display(description=_("not healed"))
    def left(self, audit: Audit) -> int:
        return audit.left_count  # type: ignore[attr-defined,no-any-return]  # annotated above


@admin.register(Difference)
class DifferenceAdmin(ReadOnlyAdmin):
    help_line = _("What was not the same here and at Mercado Pago. Healed ones are history; look at the others.")
    store_path = "audit__store"
    empty_hint = _("None yet. What is not the same here and at Mercado Pago is listed here, day by day.")
    list_display = ("kind", "audit", "order", "merchant_order_id", "payment_id", "here", "there", "healed")
    list_filter = ("healed", "kind", "audit__store")
    list_select_related = ("audit__store__account", "order")
    search_fields = ("^order__external_reference", "=merchant_order_id", "=payment_id")
    fields = (
        "audit", "kind", "order", "merchant_order_id", "payment_id", "here", "there", "healed", "set_aside_by",
        "set_aside_because",
    )  # fmt: skip
    readonly_fields = ("here", "there")
