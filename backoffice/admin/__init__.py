"""Pages for what belongs to no single app."""

from backoffice.admin.changes import ChangeAdmin

__all__ = ["ChangeAdmin"]
