"""A page for staff: does this sticker belong to this pump?"""

from typing import Any, Final, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pos import stickers
from pos.models import PointOfSale, PointOfSaleQuerySet
from pos.stickers import Finding
from stores.admin import HintingAdmin

LARGEST: Final = 10  # MB


class ScanForm(forms.Form):
    """A photo, or the text that some other scanner read."""

    photo = forms.FileField(
        label=_("photo of the sticker"), required=False, allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "image/*", "capture": "environment"}),
    )  # fmt: skip
    text = forms.CharField(
        label=_("or the text of the code"), required=False, max_length=2000,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )  # fmt: skip

    def clean_photo(self) -> UploadedFile[Any] | None:
        photo: UploadedFile[Any] | None = self.cleaned_data["photo"]
        if photo and (photo.size or 0) > LARGEST * 1024 * 1024:
            raise forms.ValidationError(_("The photo is larger than %(most)s MB.") % {"most": LARGEST})
        return photo

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and data.get("photo") is None and not data.get("text"):
            raise forms.ValidationError(_("Take a photo of the sticker, or type the text of its code."))
        return data


class ScanAdmin(HintingAdmin):
    """What PointOfSaleAdmin can do to verify stickers."""

    change_list_template = "pos/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        return [path("scan/", self.admin_site.admin_view(self.scan), name="pos_scan"), *super().get_urls()]

    @admin.action(description=_("Verify the sticker"), permissions=["view"])
    def verify_sticker(self, request: HttpRequest, chosen: PointOfSaleQuerySet) -> HttpResponse:
        keys = list(chosen.values_list("pk", flat=True)[:2])
        only = f"?pos={keys[0]}" if len(keys) == 1 else ""
        return redirect(reverse("admin:pos_scan") + only)

    def scan(self, request: HttpRequest) -> HttpResponse:
        """Nothing of what is sent is kept."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        among = cast(PointOfSaleQuerySet, self.get_queryset(request))
        expected = _expected(request, among)
        form = ScanForm(request.POST, request.FILES) if request.method == "POST" else ScanForm()
        finding = _find(form, among, expected) if form.is_bound and form.is_valid() else None
        page = {"title": _("Verify a sticker"), "opts": self.opts, "form": form, "finding": finding}
        who = {"expected": expected, "lead": _lead(expected)}
        return TemplateResponse(request, "pos/scan.html", self.admin_site.each_context(request) | page | who)


def _expected(request: HttpRequest, among: PointOfSaleQuerySet) -> PointOfSale | None:
    key = request.GET.get("pos", "")
    is_number = key.isascii() and key.isdigit() and len(key) < 19
    return among.select_related("store").filter(pk=key).first() if is_number else None


def _lead(expected: PointOfSale | None) -> str:
    if expected is None:
        return gettext("Take a photo of a sticker to see whose it is.")
    names = {"name": expected.name, "code": expected.external_id, "store": expected.store.name}
    return gettext("Take a photo of the sticker on %(name)s (%(code)s), store %(store)s.") % names


def _find(form: ScanForm, among: PointOfSaleQuerySet, expected: PointOfSale | None) -> Finding:
    if photo := form.cleaned_data["photo"]:
        return stickers.look_at(photo.read(), among=among, expected=expected)
    return stickers.read(form.cleaned_data["text"], among=among, expected=expected)
