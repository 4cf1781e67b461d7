"""Upload of Mercado Pago's settlement reports, how far one is read, and what came of its rows."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.models import Fate, SettlementRow, SettlementRun
from backoffice.pages.base import demand, page
from backoffice.settlement import runs
from backoffice.tasks import read_settlement
from stores.models import Account, Store

_RECENT = 50


class ReportForm(forms.Form):
    """Whose report, and the file."""

    account = forms.ModelChoiceField(label=_("Account"), queryset=Account.objects.none(), empty_label=None)
    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("At most 500 MB. A file may be uploaded again, and reports may overlap: each row counts once."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt"}),
    )

    def __init__(self, accounts: QuerySet[Account], *args: Any) -> None:
        super().__init__(*args)
        self.fields["account"].queryset = accounts  # type: ignore[attr-defined]

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > runs.MOST_BYTES:
            raise ValidationError(_("The file has more than 500 MB. Make the report for a shorter time."))
        return file


def list_view(request: HttpRequest) -> HttpResponse:
    """Upload, and the recent ones."""
    demand(request, "backoffice.view_settlementrun")
    accounts = _accounts(request)
    form = ReportForm(accounts, request.POST or None, request.FILES or None)
    if request.method == "POST":
        demand(request, "backoffice.add_settlementrun")
        if form.is_valid() and (run := _upload(request, form)):
            return redirect("admin:settlement_run", run.pk)
    recent = SettlementRun.objects.filter(account__in=accounts).select_related("account", "user")[:_RECENT]
    may_upload = request.user.has_perm("backoffice.add_settlementrun")
    return page(
        request, "backoffice/settlement.html", gettext("Settlement reports"), form=form, recent=recent,
        may_upload=may_upload,
    )  # fmt: skip


def run_view(request: HttpRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    return page(request, "backoffice/settlement_run.html", run.file_name, run=run, **_progress(request, run))


def progress_view(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, for the page that waits for it."""
    run = _run(request, pk)
    return render(request, "backoffice/settlement_progress.html", {"run": run, **_progress(request, run)})


def _upload(request: HttpRequest, form: ReportForm) -> SettlementRun | None:
    values = form.cleaned_data
    try:
        with transaction.atomic():
            run = runs.upload(values["file"], account=values["account"], user=request.user)  # type: ignore[arg-type]
            transaction.on_commit(lambda: read_settlement.delay(run.pk))
    except ValidationError as error:
        form.add_error("file", error)
        return None
    return run


def _run(request: HttpRequest, pk: int) -> SettlementRun:
    demand(request, "backoffice.view_settlementrun")
    seen = SettlementRun.objects.filter(account__in=_accounts(request))
    return get_object_or_404(seen.select_related("account"), pk=pk)


def _accounts(request: HttpRequest) -> QuerySet[Account]:
    """Those of the reader's stores."""
    if request.user.has_perm("stores.see_all_stores"):
        return Account.objects.order_by("user_id")
    own = Store.objects.visible_to(request.user).values("account")
    return Account.objects.filter(pk__in=own).order_by("user_id")


def _progress(request: HttpRequest, run: SettlementRun) -> dict[str, Any]:
    """Rows by their fate, counted for the reader: of a manager's only those of their stores."""
    rows = SettlementRow.objects.filter(run=run)
    if not request.user.has_perm("stores.see_all_stores"):
        rows = rows.filter(order__pos__store__in=Store.objects.visible_to(request.user))
    found = dict(rows.order_by().values_list("fate").annotate(number=Count("pk")))
    listed = reverse("admin:backoffice_settlementrow_changelist")
    fates = [
        (fate.label, found[fate], f"{listed}?run__id__exact={run.pk}&fate__exact={fate}")
        for fate in Fate
        if found.get(fate)
    ]
    counted = gettext("%(number)s rows read, %(new)s of them new") % {"number": run.rows_read, "new": run.rows_new}
    is_working, repeated = run.done_at is None, run.rows_read - run.rows_new
    problem = gettext(run.problem) if run.problem else ""
    return {"fates": fates, "is_working": is_working, "repeated": repeated, "counted": counted, "problem": problem}
