"""The handbook, for whoever is logged in."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from backoffice import handbook
from backoffice.pages.base import page

_DAY = 24 * 3600  # seconds


def contents_view(request: HttpRequest) -> HttpResponse:
    """What there is to read."""
    language = _language(request)
    return page(
        request, "backoffice/handbook.html", _("Handbook"), chapters=handbook.chapters(language),
        language=language, languages=handbook.LANGUAGES,
    )  # fmt: skip


def chapter_view(request: HttpRequest, name: str) -> HttpResponse:
    """One page, and the ways to those beside it."""
    language = _language(request)
    chapters = list(handbook.chapters(language))
    at = next((number for number, chapter in enumerate(chapters) if chapter.name == name), None)
    if at is None:
        raise Http404
    return page(
        request, "backoffice/handbook_chapter.html", chapters[at].title, text=handbook.render(language, name),
        chapter=chapters[at], language=language, languages=handbook.LANGUAGES,
        before=chapters[at - 1] if at else None, after=chapters[at + 1] if at + 1 < len(chapters) else None,
    )  # fmt: skip


def picture_view(request: HttpRequest, language: str, width: int, name: str) -> FileResponse:
    """A picture of the handbook's. Nothing but slugs and a number comes from the address: no way out of the folder."""
    file = handbook.PICTURES / language / str(width) / f"{name}.png"
    if not file.is_file():
        raise Http404
    headers = {"Cache-Control": f"private, max-age={_DAY}"}
    return FileResponse(file.open("rb"), content_type="image/png", headers=headers)


def _language(request: HttpRequest) -> str:
    """The reader's, or the one that they chose here."""
    return handbook.language_for(request.GET.get("in") or get_language() or "")
