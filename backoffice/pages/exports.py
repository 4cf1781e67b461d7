"""`Export what is listed`: the rows of a list, filtered and searched as on the screen, as a CSV that streams."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.exports.cells import pieces
from backoffice.exports.tables import TABLES, Table
from stores.models import Store


def export_view(request: HttpRequest, what: str) -> HttpResponseBase:
    """403 without the permission to see the list; only rows of the reader's stores, and 404 for a store of others."""
    table = TABLES.get(what)
    if table is None:
        raise Http404
    shown = admin.site.get_model_admin(table.model)
    if not shown.has_view_permission(request):
        raise PermissionDenied
    try:
        chosen = _listed(request, table)
    except IncorrectLookupParameters:
        messages.error(
            request, _("Nothing was exported: this list has no such filter. Filter it here and export anew.")
        )
        return redirect(f"admin:{shown.opts.app_label}_{shown.opts.model_name}_changelist")
    answer = StreamingHttpResponse(
        pieces(list(table.columns), table.rows(chosen)), content_type="text/csv; charset=utf-8"
    )
    name = f"{what}-{timezone.localdate()}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _listed(request: HttpRequest, table: Table) -> QuerySet[Any]:
    shown: Any = admin.site.get_model_admin(table.model)
    chosen: QuerySet[Any] = shown.get_changelist_instance(request).queryset
    chosen = chosen.select_related(None)
    if request.user.has_perm("stores.see_all_stores"):
        return chosen
    return chosen.filter(**{f"{table.store}__in": Store.objects.visible_to(request.user)})
