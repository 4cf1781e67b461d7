"""What an address may ask of a list. Django obeys more than its pages offer."""

from typing import Any, Final

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest

_OF_A_CALENDAR: Final = {"year", "iso_year"}


class _ChangeList(ChangeList):
    def get_ordering_field(self, field_name: Any) -> Any:
        """Only columns whose header offers it: of a million rows no others are sorted in time."""
        return super().get_ordering_field(field_name) if field_name in (self.sortable_by or ()) else None


class AskedAdmin(admin.ModelAdmin[Any]):
    def get_changelist(self, request: HttpRequest, **_: Any) -> type[ChangeList]:
        return _ChangeList

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """No years: one that no calendar has would be a fault, and only when the rows are read."""
        return not _OF_A_CALENDAR & {*lookup.split("__")} and super().lookup_allowed(lookup, value, request)
