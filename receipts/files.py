"""Where drawn documents lie: a folder, or a bucket (`RECEIPTS_STORAGE_URL`). All of it can be drawn again."""

import hashlib
import logging

from django.core.files.base import ContentFile
from django.core.files.storage import storages

ALIAS = "receipts"
logger = logging.getLogger(__name__)


def put(name: str, data: bytes) -> None:
    """Write a file, over an older one. Raises what the storage raises."""
    storages[ALIAS].save(name, ContentFile(data))


def get(name: str, *, sha256: str) -> bytes | None:
    """The file as it was written; None when it is lost, damaged or cannot be reached now."""
    try:
        with storages[ALIAS].open(name) as file:
            data: bytes = file.read()
    except Exception as error:  # whatever a storage raises: the document is drawn again all the same
        logger.warning("receipt file %s: %s", name, error)
        return None
    if digest(data) != sha256:
        logger.warning("receipt file %s is not what was written", name)
        return None
    return data


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
