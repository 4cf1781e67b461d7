"""The QR code on the pages of points of sale: its picture, its posters, Mercado Pago's own files."""

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pos import errands, printing
from pos.models import OfficialFile, PointOfSale, PointOfSaleQuerySet
from pos.posters.sizes import SIZES
from stores.admin import HintingAdmin, start

FEW: Final = 20  # posters that are drawn while one waits: more are drawn by a worker
_LABELS: Final = {"a4": _("A4"), "a6": _("A6"), "sticker": _("sticker, 80 × 100 mm")}
_SHEETS: Final = _("stickers on sheets of A4, with marks where to cut")


class SizeForm(forms.Form):
    """How large."""

    size = forms.ChoiceField(
        label=_("size"),
        choices=[*_LABELS.items(), (errands.SHEETS, _SHEETS)],
    )


class CodeAdmin(HintingAdmin):
    """What PointOfSaleAdmin can do with QR codes."""

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path("<int:pk>/poster/<str:size>.<str:format>", self.admin_site.admin_view(self.poster), name="pos_poster"),
            path("<int:pk>/official/<str:kind>", self.admin_site.admin_view(self.official), name="pos_official"),
        ]
        return [*pages, *super().get_urls()]

    @admin.display(description=_("QR code"))
    def code(self, pos: PointOfSale) -> str:
        """The picture, or why there is none and what to do."""
        if reason := printing.why_not(pos):
            return reason
        address = reverse("admin:pos_poster", args=[pos.pk, "sticker", "svg"])
        return format_html('<img src="{}" alt="{}" width="320" height="400">', address, gettext("The sticker"))

    @admin.display(description=_("posters"))
    def posters(self, pos: PointOfSale) -> str:
        if printing.why_not(pos):
            return "–"
        return format_html_join(
            mark_safe("<br>"),
            "{}: {}",
            ((label, self._formats(pos, size)) for size, label in _LABELS.items()),
        )

    @admin.display(description=_("Mercado Pago's own files"))
    def official_files(self, pos: PointOfSale) -> str:
        kept = pos.official_files.defer("content").order_by("kind")
        links = ((reverse("admin:pos_official", args=[pos.pk, f.kind]), f.get_kind_display()) for f in kept)
        return format_html_join(" · ", '<a href="{}">{}</a>', links) or gettext("None yet.")

    @admin.action(description=_("Print QR posters"), permissions=["view"])
    def print_posters(self, request: HttpRequest, chosen: PointOfSaleQuerySet) -> HttpResponse | None:
        points = list(chosen.select_related("store__account").order_by("store__name", "name", "pk")[: FEW + 1])
        reasons = {pos.pk: printing.why_not(pos) for pos in points}
        ready = [pos for pos in points if not reasons[pos.pk]]
        if not ready and len(points) <= FEW:
            self._complain(request, f"{points[0]}: {reasons[points[0].pk]}" if points else gettext("Choose some."))
            return self.back_to(chosen)
        form = SizeForm(request.POST if "apply" in request.POST else None)
        if form.is_valid() and len(points) > FEW:
            return start(self, request, chosen, errands.PRINT, size=form.cleaned_data["size"])
        if form.is_valid():
            name, document = errands.booklet(ready, form.cleaned_data["size"])
            return _file(document, "application/pdf", name, disposition="attachment")
        title = _("Print QR posters")
        rows: list[tuple[Any, ...]] = [(pos, pos.store, reasons[pos.pk] or gettext("ready")) for pos in points[:FEW]]
        rows += [("…", "…", gettext("and the others that you chose"))] if len(points) > FEW else []
        columns = (_("point of sale"), _("store"), _("QR code"))
        return self.ask(request, chosen, "print_posters", title=title, lead=_("One PDF, in the order of this list."),
                        columns=columns, rows=rows, form=form, submit=_("Print"))  # fmt: skip

    @admin.action(description=_("Fetch the QR code again"), permissions=["change"])
    def fetch_code(self, request: HttpRequest, chosen: PointOfSaleQuerySet) -> HttpResponse | None:
        return start(self, request, chosen, errands.FETCH)

    def poster(self, request: HttpRequest, pk: int, size: str, format: str) -> HttpResponse:
        pos = self._find(request, pk)
        if size not in SIZES or format not in printing.FORMATS or printing.why_not(pos):
            raise Http404
        name = f"{pos.store.external_id}-{pos.external_id}-{size}.{format}"
        return _file(printing.poster(pos, size=size, format=format), printing.FORMATS[format], name)

    def official(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        file = OfficialFile.objects.filter(pos=self._find(request, pk), kind=kind).first()
        if file is None:
            raise Http404
        name = f"{file.pos.external_id}-{kind}.{file.content_type.rpartition('/')[2]}"
        return _file(bytes(file.content), file.content_type, name)

    def _find(self, request: HttpRequest, pk: int) -> PointOfSale:
        """Only what its list would show this person."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        pos: PointOfSale | None = self.get_queryset(request).select_related("store__account").filter(pk=pk).first()
        if pos is None:
            raise Http404
        return pos

    def _complain(self, request: HttpRequest, text: str) -> None:
        self.message_user(request, text, messages.ERROR)

    def _formats(self, pos: PointOfSale, size: str) -> str:
        links = ((reverse("admin:pos_poster", args=[pos.pk, size, f]), f.upper()) for f in printing.FORMATS)
        return format_html_join(" · ", '<a href="{}">{}</a>', links)


def _file(content: bytes, content_type: str, name: str, *, disposition: str = "inline") -> HttpResponse:
    headers: dict[str, Any] = {
        "Content-Disposition": f'{disposition}; filename="{name}"',
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=content_type, headers=headers)
