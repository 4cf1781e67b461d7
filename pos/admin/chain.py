"""Import and export of whole chains in the admin: upload, see what becomes of each row, confirm, watch."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pos.chain import columns, export, runs, sheets
from pos.chain.plan import Plan, plan
from pos.chain.standing import of_run
from pos.chain.verdicts import Fate, count
from pos.models import ImportRun, PointOfSale
from pos.tasks import save_import
from stores.models import Account, Store

_ROWS_A_PAGE = 200
_MODELS: dict[str, type[Store] | type[PointOfSale]] = {"stores": Store, "points": PointOfSale}


class UploadForm(forms.Form):
    """A file that is not too large."""

    file = forms.FileField(
        label=_("CSV or Excel file"),
        help_text=_("At most 5 MB and 10,000 rows."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > sheets.MOST_BYTES:
            raise ValidationError(sheets.TOO_LARGE)
        return file


class ChainAdmin(admin.ModelAdmin[Any]):
    """The pages of imports and exports; the lists of stores and of points of sale lead there."""

    change_list_template = "admin/chain_list.html"

    def get_urls(self) -> list[URLPattern]:
        views: dict[str, tuple[Callable[..., HttpResponse], str]] = {
            "import/": (self.import_view, "chain_import"),
            "import/table.csv": (self.table_view, "chain_table"),
            "import/<int:pk>/": (self.run_view, "chain_run"),
            "import/<int:pk>/progress/": (self.progress_view, "chain_progress"),
            "export/<slug:of>.<slug:form>": (self.export_view, "chain_export"),
        }
        own = [path(route, self.admin_site.admin_view(view), name=name) for route, (view, name) in views.items()]
        return [*own, *super().get_urls()]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Upload."""
        self._demand_import(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                run = runs.upload(file.read(), file_name=file.name, user=request.user)  # type: ignore[arg-type]
                return redirect("admin:chain_run", run.pk)
            except ValidationError as error:
                form.add_error("file", error)
        recent = self._runs(request).filter(confirmed_at__isnull=False)[:10]
        return self._page(
            request, "pos/import.html", gettext("Import stores and points of sale"), form=form, columns=columns.COLUMNS,
            recent=recent,
        )  # fmt: skip

    def table_view(self, request: HttpRequest) -> HttpResponse:
        """An empty table to fill in."""
        return _file(sheets.write(columns.NAMES, (), name="csv"), "chain.csv")

    def run_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What becomes of each row; once it is confirmed, how far it is."""
        self._demand_import(request)
        run = get_object_or_404(self._runs(request), pk=pk)
        if run.confirmed_at:
            return self._page(request, "pos/import_run.html", run.file_name, run=run, **_progress(run))
        planned = self._plan(request, run)
        if request.method == "POST":
            return self._confirm(request, run, planned)
        fates = list(Fate)
        verdicts = sorted(planned.verdicts, key=lambda one: (fates.index(one.fate), one.number))
        page = Paginator(verdicts, _ROWS_A_PAGE).get_page(request.GET.get("page"))
        counted = [(Fate(name).label, number) for name, number in count(verdicts).items() if number]
        return self._page(
            request, "pos/import_plan.html", run.file_name, run=run, counted=counted, page=page,
            is_refused=bool(planned.refused), to_save=planned.to_save,
        )  # fmt: skip

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How far it is, for the page that waits for it."""
        self._demand_import(request)
        run = get_object_or_404(self._runs(request), pk=pk)
        return render(request, "pos/import_progress.html", {"run": run, **_progress(run)})

    def export_view(self, request: HttpRequest, of: str, form: str) -> HttpResponse:
        """The rows of a list as it is filtered."""
        shown = self.admin_site.get_model_admin(_MODELS.get(of, Store))
        others = [self.admin_site.get_model_admin(model) for model in _MODELS.values()]
        if not all(one.has_view_permission(request) for one in others):
            raise PermissionDenied
        if of not in _MODELS or form not in sheets.FORMATS:
            return redirect(f"admin:{shown.opts.app_label}_{shown.opts.model_name}_changelist")
        try:
            chosen: Any = shown.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return redirect(f"admin:{shown.opts.app_label}_{shown.opts.model_name}_changelist")
        write = export.stores_file if of == "stores" else export.points_file
        return _file(write(chosen, form), f"{of}.{form}")

    def _confirm(self, request: HttpRequest, run: ImportRun, planned: Plan) -> HttpResponse:
        with transaction.atomic():
            if runs.confirm(run, planned):
                transaction.on_commit(lambda: save_import.delay(run.pk))
            else:
                messages.error(request, gettext("Nothing was imported: rows are refused now. See below what is wrong."))
        return redirect("admin:chain_run", run.pk)

    def _plan(self, request: HttpRequest, run: ImportRun) -> Plan:
        """Within what whoever imports may see."""
        accounts, stores = (self.admin_site.get_model_admin(model).get_queryset(request) for model in (Account, Store))
        return plan(runs.rows_of(run), accounts=accounts, stores=stores)  # type: ignore[arg-type]

    def _runs(self, request: HttpRequest) -> Any:
        own = ImportRun.objects.all()
        return own if request.user.is_superuser else own.filter(user=request.user.pk)

    def _demand_import(self, request: HttpRequest) -> None:
        for one in (self.admin_site.get_model_admin(model) for model in _MODELS.values()):
            if not (one.has_add_permission(request) and one.has_change_permission(request)):
                raise PermissionDenied

    def _page(self, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(request, template, shared | context)


def _progress(run: ImportRun) -> dict[str, Any]:
    now = of_run(run)
    held = [
        {
            "link": reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]),
            "name": row,
            "state": row.get_registration_display(),
            "why": row.outcome,
        }
        for row in now.held
    ]
    of = gettext("%(number)s of %(total)s")
    bars = [
        (label, number, of % {"number": number, "total": run.to_save})
        for label, number in (
            (gettext("Saved here"), now.saved),
            (gettext("Registered at Mercado Pago"), now.registered),
        )
    ]
    asks = gettext("Mercado Pago asks for a pause of %(time)s s.") % {"time": now.pause} if now.pause else ""
    return {"bars": bars, "asks": asks, "is_working": now.is_working, "held": held}


def _file(content: bytes, name: str) -> HttpResponse:
    kind = sheets.FORMATS[name.rpartition(".")[2]]
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=headers)
