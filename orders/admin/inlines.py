from typing import Any, ClassVar

import simplejson
from django.contrib import admin
from django.utils.html import format_html

from stores.admin.shown import ShowingAdmin


class ReadOnlyInline(ShowingAdmin, admin.TabularInline[Any, Any]):
    """Rows to look at."""

    related: ClassVar[tuple[str, ...]] = ()
    extra = 0
    can_delete = False
    show_change_link = True

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        return self.all_shown(self.fields or ())

    get_readonly_fields = get_fields

    def get_queryset(self, request: Any) -> Any:
        """With what their amounts need."""
        return super().get_queryset(request).select_related(*self.related)

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False


def pretty(value: Any) -> str:
    """JSON for people."""
    return format_html("<pre>{}</pre>", simplejson.dumps(value, indent=2, ensure_ascii=False, use_decimal=True))
