"""Long actions in the admin: asked for on any list, watched on a page of their own."""

from collections.abc import Callable, Sequence
from mimetypes import guess_type
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from stores import working
from stores.admin.base import ReadOnlyAdmin, came_from
from stores.models import Errand, ErrandStep
from stores.tasks import wake_errand
from stores.working import Work, work_of

PATIENCE: Final = 1.2  # seconds that a quick one has to end before its page is shown
_SHOWN: Final = 100  # outcomes of a kind


def start(
    page: ModelAdmin[Any], request: HttpRequest, chosen: QuerySet[Any], work: Work, *, back: str = "", **args: Any
) -> HttpResponse | None:
    """Have a worker do this to the chosen rows, which must be taken from what this person may see; show how far it is.

    They may be of another model than the list's: say then where to go `back` to.
    """
    keys: Sequence[int] = list(chosen.order_by("pk").values_list("pk", flat=True)[: working.MOST + 1])
    if not keys or len(keys) > working.MOST:
        text = gettext("At most %(most)s at once: narrow the list with its filters.") % {"most": working.MOST}
        messages.error(request, text if keys else gettext("Nothing of what you chose is there any more."))
        return None
    names = f"admin:{page.opts.app_label}_{page.opts.model_name}"
    rows_url = reverse(f"{names}_changelist")
    back = came_from(request) or back
    if not back:
        back = reverse(f"{names}_change", args=keys) if len(keys) == 1 else request.get_full_path()
    action = request.POST.get("action", "")
    errand = working.ask(
        work=work, user_id=request.user.pk, keys=keys, back=back, action=action, rows_url=rows_url, **args
    )
    wake_errand(errand)
    return redirect(f"{reverse('admin:stores_errand_change', args=[errand.pk])}?soon=1")


@admin.register(Errand)
class ErrandAdmin(ReadOnlyAdmin):
    """People see their own; who sees all stores sees all."""

    help_line = _("What you asked for and a worker does: how far it is, and what came of it.")
    counted = (_("long action"), _("long actions"))
    empty_hint = _("None yet. What takes longer than a second, such as asking Mercado Pago of many orders, is here.")
    list_display = ("link", "user", "created_at", "so_far", "failed", "finished_at")
    list_display_links = None
    list_select_related = ("user",)
    search_fields = ("user__username",)

    def visible_to(self, user: AbstractUser | AnonymousUser, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows if user.has_perm("stores.see_all_stores") else rows.filter(user=user.pk)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody needs to be allowed to see what became of their own asking."""
        return True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def get_urls(self) -> list[URLPattern]:
        views: dict[str, tuple[Callable[..., Any], str]] = {
            "progress/": (self.progress, "errand_progress"),
            "file/": (self.file, "errand_file"),
            "stop/": (require_POST(self.stop), "errand_stop"),
        }
        own = [path(f"<int:pk>/{r}", self.admin_site.admin_view(view), name=n) for r, (view, n) in views.items()]
        return [*own, *super().get_urls()]

    @admin.display(description=_("what"))
    def link(self, errand: Errand) -> str:
        url = reverse("admin:stores_errand_change", args=[errand.pk])
        return format_html('<a href="{}">{}</a>', url, _label(errand))

    @admin.display(description=_("done"))
    def so_far(self, errand: Errand) -> str:
        return f"{errand.done} / {errand.total}"

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **options: Any) -> HttpResponse:
        """How far it is; a quick one (`?soon`) leads back to where it was asked for, with its outcome."""
        errand = self._find(request, object_id)
        if "soon" in request.GET and errand.total == 1:
            working.wait_for(errand, seconds=PATIENCE)
            if errand.is_over and not errand.file and (step := errand.steps.first()):
                level = messages.SUCCESS if step.state == ErrandStep.State.DONE else messages.ERROR
                messages.add_message(request, level, self._said(step))
                return redirect(errand.back)
        page = {"title": _label(errand), "opts": self.opts, "errand": errand, "work": work_of(errand.work)}
        page |= self.admin_site.each_context(request) | self._context(errand)
        return TemplateResponse(request, "stores/errand.html", page)

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The part of the page that changes."""
        errand = self._find(request, pk)
        return TemplateResponse(request, "stores/errand_progress.html", self._context(errand))

    def file(self, request: HttpRequest, pk: int) -> HttpResponse:
        errand = self._find(request, pk)
        if not errand.file or not errand.file.storage.exists(errand.file.name or ""):
            raise Http404
        name = (errand.file.name or "").rpartition("/")[2]
        headers = {
            "Content-Disposition": content_disposition_header(True, name) or "attachment",
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        }
        with errand.file.open() as file:
            return HttpResponse(file.read(), content_type=guess_type(name)[0], headers=headers)

    def stop(self, request: HttpRequest, pk: int) -> HttpResponse:
        working.stop(self._find(request, pk))
        return redirect("admin:stores_errand_change", pk)

    def _find(self, request: HttpRequest, pk: int | str) -> Errand:
        errand: Errand | None = self.get_object(request, str(pk))
        if errand is None:
            raise Http404
        return errand

    def _said(self, step: ErrandStep) -> str:
        if not step.url:
            return f"{step.label}: {step.sentence}" if step.label else step.sentence
        return format_html('{}: <a href="{}">{}</a>', step.label, step.url, step.sentence)

    def _context(self, errand: Errand) -> dict[str, Any]:
        """Failures first; of each kind the first hundred."""
        links, states = _Links(errand), ErrandStep.State
        failed, done = (errand.steps.filter(state=s).order_by("pk")[:_SHOWN] for s in (states.FAILED, states.DONE))
        good = errand.done - errand.failed
        return {
            "errand": errand,
            "failures": [(step, links.to(step)) for step in failed],
            "failed_keys": [step.object_id for step in failed],
            "good_keys": [step.object_id for step in done],
            "done_well": [(step, links.to(step)) for step in done],
            "so_far": gettext("%(done)s of %(total)s done") % {"done": errand.done, "total": errand.total},
            "failed_so_far": gettext("%(count)s failed") % {"count": errand.failed},
            "more_failures": _more(errand.failed),
            "more_good": _more(good),
            "good_count": good,
            "kept": gettext("The file is kept for %(days)s days.") % {"days": working.FILES_KEPT.days},
        }


class _Links:
    """From an outcome to the page of what it is about."""

    def __init__(self, errand: Errand) -> None:
        work = work_of(errand.work)
        self.meta = work.rows().model._meta if work else None

    def to(self, step: ErrandStep) -> str:
        try:
            names = f"admin:{self.meta.app_label}_{self.meta.model_name}_change" if self.meta else ""
            return reverse(names, args=[step.object_id])
        except NoReverseMatch:
            return ""


def _more(count: int) -> str:
    """What is not shown of so many."""
    return gettext("… and %(count)s more") % {"count": count - _SHOWN} if count > _SHOWN else ""


def _label(errand: Errand) -> str:
    work = work_of(errand.work)
    return str(work.label) if work else errand.work
