"""Pages about the people who use the back-office."""

from backoffice.admin.people import GroupAdmin, PersonAdmin

__all__ = ["GroupAdmin", "PersonAdmin"]
