"""Pages for what belongs to no single app, and about the people who use the back-office."""

from backoffice.admin.alarms import AlarmAdmin
from backoffice.admin.changes import ChangeAdmin
from backoffice.admin.people import GroupAdmin, PersonAdmin
from backoffice.admin.recipients import AlarmRecipientAdmin
from backoffice.admin.settlement import SettlementRowAdmin

__all__ = ["AlarmAdmin", "AlarmRecipientAdmin", "ChangeAdmin", "GroupAdmin", "PersonAdmin", "SettlementRowAdmin"]
