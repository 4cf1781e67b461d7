"""Speaking to a receipt printer: bytes there, status back. No Django models: the agent at a station uses it too."""

from receipts.devices.lines import DeviceLine, FileLine, Line, NetworkLine
from receipts.devices.sending import Broken, NotReady, NotStarted, look, send

__all__ = ["Broken", "DeviceLine", "FileLine", "Line", "NetworkLine", "NotReady", "NotStarted", "look", "send"]
