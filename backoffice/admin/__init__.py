"""Pages for what belongs to no single app."""

from backoffice.admin.changes import ChangeAdmin
from backoffice.admin.settlement import SettlementRowAdmin

__all__ = ["ChangeAdmin", "SettlementRowAdmin"]
