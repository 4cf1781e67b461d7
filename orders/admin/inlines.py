from typing import Any

import simplejson
from django.contrib import admin
from django.utils.html import format_html


class ReadOnlyInline(admin.TabularInline[Any, Any]):
    """Rows to look at."""

    extra = 0
    can_delete = False
    show_change_link = True

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return self.fields

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False


def pretty(value: Any) -> str:
    """JSON for people."""
    return format_html("<pre>{}</pre>", simplejson.dumps(value, indent=2, ensure_ascii=False, use_decimal=True))
