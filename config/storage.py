"""RECEIPTS_STORAGE_URL as Django's storage: a folder, or a bucket of S3 or of what speaks like it."""

from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_BUCKET_OPTIONS = {"endpoint": "endpoint_url", "region": "region_name", "addressing": "addressing_style"}


def read(url: str, *, folder: Path) -> dict[str, Any]:
    """`s3://bucket/prefix?region=…&endpoint=https://…`, `file:///srv/receipts`; empty: `folder`.

    Credentials stand in the URL (`s3://key:secret@bucket`), or where boto3 looks for them: AWS_ACCESS_KEY_ID and
    AWS_SECRET_ACCESS_KEY, a profile, the machine's role.
    """
    parts = urlsplit(url)
    if parts.scheme in ("", "file") and not parts.netloc:
        return _folder(Path(unquote(parts.path)) if parts.path else folder)
    if parts.scheme == "s3" and parts.hostname:
        return _bucket(parts)
    raise ImproperlyConfigured(
        "RECEIPTS_STORAGE_URL is not understood; write s3://bucket/prefix?region=… or file:///a/folder."
    )


def _folder(location: Path) -> dict[str, Any]:
    if not location.is_absolute():
        raise ImproperlyConfigured(f"RECEIPTS_STORAGE_URL: {location} is no absolute path.")
    # The names hold a digest of the content: what is there may be written once more.
    options = {"location": str(location), "allow_overwrite": True}
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}


def _bucket(parts: SplitResult) -> dict[str, Any]:
    query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    if unknown := set(query) - set(_BUCKET_OPTIONS):
        names = ", ".join(_BUCKET_OPTIONS)
        raise ImproperlyConfigured(f"RECEIPTS_STORAGE_URL: {', '.join(sorted(unknown))} is none of {names}.")
    options: dict[str, Any] = {_BUCKET_OPTIONS[name]: value for name, value in query.items()}
    options |= {"bucket_name": parts.hostname, "location": unquote(parts.path).strip("/"), "file_overwrite": True}
    if parts.username:
        options |= {"access_key": unquote(parts.username), "secret_key": unquote(parts.password or "")}
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
