"""The pages of the attention queue: what waits, the buttons, and what was decided."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.ages import age
from backoffice.attention import may_see
from backoffice.cases import deciding, queue
from backoffice.cases.sources import SOURCES, label_of
from backoffice.cases.story import moment, money
from backoffice.models import Case, Decision, Outcome
from stores.models import Store
from stores.setting_aside import LONGEST, SHORTEST

_CASES, _DECISIONS = 20, 50  # a page
_KEPT = "attention_kept"
_AGES = [
    ("", gettext_lazy("any")),
    ("1", gettext_lazy("an hour")),
    ("24", gettext_lazy("a day")),
    ("168", gettext_lazy("a week")),
]


_OUTCOMES = {
    "refund": gettext_lazy("refund asked for"),
    "agree": gettext_lazy("agreed to, as the first of two people"),
    "retry": gettext_lazy("refund tried again"),
    "keep": gettext_lazy("money kept"),
    "replay": gettext_lazy("replayed"),
    "redeliver": gettext_lazy("sent again"),
    "tell": gettext_lazy("Mercado Pago was told again"),
    "heal": gettext_lazy("Mercado Pago was told again"),
    "print": gettext_lazy("printed again"),
}


class CaseFilter(forms.Form):
    """Which cases. What is not understood filters nothing."""

    kind = forms.ChoiceField(label=gettext_lazy("what"), required=False)
    store = forms.ModelChoiceField(Store.objects.none(), label=gettext_lazy("store"), required=False)
    age = forms.ChoiceField(label=gettext_lazy("waits at least"), choices=_AGES, required=False)

    def __init__(self, user: AbstractUser, data: Any) -> None:
        super().__init__(data)
        kinds = [(k, label) for s in _sources(user) for k, (label, _rank) in SOURCES[s].kinds.items()]
        cast(forms.ChoiceField, self.fields["kind"]).choices = [("", _("all")), *kinds]
        stores = cast("forms.ModelChoiceField[Store]", self.fields["store"])
        rows = Store.objects.visible_to(user).order_by("name").only("name", "external_id")
        stores.queryset = rows
        # As a list: a template that goes through Django's iterator counts the stores first.
        stores.choices = [("", _("all stores")), *((store.pk, str(store)) for store in rows)]

    def conditions(self, column: str) -> dict[str, Any]:
        self.is_valid()
        chosen = {name: value for name in ("kind", "store") if (value := self.cleaned_data.get(name))}
        if age := self.cleaned_data.get("age"):
            chosen[column] = timezone.now() - timedelta(hours=int(age))
        return chosen


def attention(request: HttpRequest) -> HttpResponse:
    """The queue: the most urgent first, money first."""
    user = _reader(request)
    queue.look(wait=True)
    form = CaseFilter(user, request.GET)
    cases = queue.visible_to(user).filter(**form.conditions("since__lte")).most_urgent_first()
    page = Paginator(cases.select_related("store", "account"), _CASES).get_page(request.GET.get("page"))
    return _show(request, "backoffice/attention.html", {
        "title": _("What waits for a person"),
        "told": _told(list(page.object_list), user),
        "page": page,
        "form": form,
        "looked_at": _looked_at(),
        "kept": request.session.pop(_KEPT, None),
        "shortest": SHORTEST,
        "longest": LONGEST,
    })  # fmt: skip


def act(request: HttpRequest, number: int) -> HttpResponse:
    """A button of a case was pressed."""
    user = _reader(request)
    if request.method != "POST":
        return redirect("admin:attention")
    what = {name: request.POST.get(name, "") for name in ("action", "facts", "reason")}
    try:
        decision = deciding.decide(number, user=user, **what)
    except deciding.NoSuchCase as missing:
        raise Http404 from missing
    except deciding.Refused as refusal:
        messages.error(request, str(refusal))
        request.session[_KEPT] = {"number": number, "reason": what["reason"]}  # what was typed is not lost
    else:
        messages.success(request, _done(decision))
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith(reverse("admin:attention"))
    return HttpResponseRedirect(back if is_ours else reverse("admin:attention"))


def decided(request: HttpRequest) -> HttpResponse:
    """Who decided what, and why: the newest first."""
    user = _reader(request)
    queue.look()
    form = CaseFilter(user, request.GET)
    made = Decision.objects.visible_to(user).filter(source__in=_sources(user), **form.conditions("since__lte"))
    if by := request.GET.get("by", "").strip():
        made = made.filter(actor=by)
    if outcome := request.GET.get("outcome", ""):
        made = made.filter(outcome=outcome)
    page = Paginator(made.select_related("store__account", "account"), _DECISIONS).get_page(request.GET.get("page"))
    return _show(request, "backoffice/decided.html", {
        "title": _("What was decided"),
        "rows": [_row(one) for one in page.object_list],
        "page": page,
        "form": form,
        "outcomes": Outcome.choices,
        "chosen": {"by": by, "outcome": outcome},
    })  # fmt: skip


def _looked_at() -> str:
    at = queue.looked_at()
    return _("Last looked at %(time)s ago.") % {"time": age(at, timezone.now())} if at else ""


def _reader(request: HttpRequest) -> AbstractUser:
    """Whoever may see nothing that can wait has no business here."""
    user = cast(AbstractUser, request.user)
    if not may_see(user):
        raise PermissionDenied
    return user


def _sources(user: AbstractUser) -> list[str]:
    return [source.name for source in SOURCES.values() if user.has_perm(source.permission)]


def _told(cases: list[Case], user: AbstractUser) -> list[deciding.Told]:
    """In the order of the cases; what has gone meanwhile is left out."""
    rows = {
        name: SOURCES[name].rows([case.object_id for case in cases if case.source == name])
        for name in {case.source for case in cases}
    }
    found = [(case, rows[case.source].get(case.object_id)) for case in cases]
    return [deciding.told(case, row, user) for case, row in found if row is not None]


def _row(decision: Decision) -> dict[str, Any]:
    account = decision.account or (decision.store.account if decision.store else None)
    zone = decision.store.time_zone if decision.store else account.site.time_zone if account else "UTC"
    site = account.site if account else None
    place, about = str(decision.store or decision.account), _about(decision)
    return {
        "decision": decision,
        "about": about,
        "place": "" if place == about else place,
        "kind": label_of(decision.kind),
        "at": moment(decision.at, zone),
        "outcome": _OUTCOMES.get(decision.action) or decision.get_outcome_display(),
        "amount": money(decision.amount, site) if decision.amount is not None and site else "–",
        "by": _("the system") if decision.actor == queue.SYSTEM else decision.actor,
    }


def _about(decision: Decision) -> str:
    """Old ones were kept with the amount as one language writes it, or with their store's name once more."""
    if decision.source in ("request", "refund"):
        return decision.label.rpartition(" · ")[2]
    return decision.label.removeprefix(f"{decision.store} · ")


def _done(decision: Decision | None) -> str:
    if decision is None:
        return _("It is looked at again within seconds; the case leaves by itself when its cause is gone.")
    row = _row(decision)
    text = _("%(what)s: %(outcome)s. It is written down with your name.")
    if decision.amount is not None:
        text = _("%(what)s: %(outcome)s, %(amount)s. It is written down with your name.")
    return text % {"what": row["about"], "outcome": row["outcome"], "amount": row["amount"]}


def _show(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    rest = request.GET.copy()
    rest.pop("page", None)
    frame = admin.site.each_context(request) | {"query": rest.urlencode(), "here": request.get_full_path()}
    return TemplateResponse(request, template, frame | context)
