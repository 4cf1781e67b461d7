"""What is said after a row is saved."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise


class SavingAdmin(admin.ModelAdmin[Any]):
    """One sentence that fits every kind of row: Django's begins with an article, which has a gender elsewhere."""

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        request.saved_row = obj  # type: ignore[attr-defined]
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        request.saved_row = obj  # type: ignore[attr-defined]
        return super().response_change(request, obj)

    def message_user(
        self,
        request: HttpRequest,
        message: StrOrPromise,
        level: int | str = messages.INFO,
        extra_tags: str = "",
        fail_silently: bool = False,
    ) -> None:
        row = getattr(request, "saved_row", None)
        if row is not None and level == messages.SUCCESS:
            message = _("“%(row)s” saved.") % {"row": row}
        super().message_user(request, message, level, extra_tags, fail_silently)
