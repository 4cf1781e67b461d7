"""Pages for what belongs to no single app, and about the people who use the back-office."""

from backoffice.admin.changes import ChangeAdmin
from backoffice.admin.people import GroupAdmin, PersonAdmin
from backoffice.admin.settlement import SettlementRowAdmin

__all__ = ["ChangeAdmin", "GroupAdmin", "PersonAdmin", "SettlementRowAdmin"]
