"""The program at a station that fetches print jobs and prints them. It needs our API and its printer, no database."""

from receipts.agent.api import Api, KeyRefused, ServerAway
from receipts.agent.journal import Journal, JournalError
from receipts.agent.loop import WAIT, Agent

__all__ = ["WAIT", "Agent", "Api", "Journal", "JournalError", "KeyRefused", "ServerAway"]
