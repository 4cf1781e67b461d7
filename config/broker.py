"""The embedded broker: kombu's filesystem transport, made safe for a reader that comes while a message is written."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import time_ns
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Puts a message in place by renaming it: kombu's own writer lets a worker take, and lose, half a file."""

    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]  # as its parent
        folder = Path(self.data_folder_out)
        with NamedTemporaryFile("w", dir=folder, prefix="new-", suffix=".part", delete=False) as file:
            file.write(dumps(payload))
        os.replace(file.name, folder / f"{time_ns()}_{uuid4()}.{queue}.msg")


class Transport(filesystem.Transport):
    """`embedded://`: folders under VAR_DIR instead of a server."""

    Channel = Channel
    # A full disk or a folder that is gone is a lost connection, to be made again: it must not end the worker.
    connection_errors = (*filesystem.Transport.connection_errors, OSError)

    def establish_connection(self) -> Any:
        options: dict[str, str] = self.client.transport_options  # type: ignore[union-attr, assignment]
        for name in ("data_folder_in", "data_folder_out", "control_folder"):
            Path(options[name]).mkdir(parents=True, exist_ok=True)
        return super().establish_connection()
