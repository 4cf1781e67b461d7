"""What waits for a person now, and what people decided."""

from backoffice.models.case import Case, CaseQuerySet, Look
from backoffice.models.decision import Decision, Outcome

__all__ = ["Case", "CaseQuerySet", "Decision", "Look", "Outcome"]
