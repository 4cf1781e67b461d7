"""In which format a document is wanted."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from rest_framework.request import Request

from pos.problems import Problem
from receipts.models import MEDIA_TYPES, Format

_ALSO = {"application/octet-stream": Format.ESCPOS}  # what a program asks for that only passes bytes to a printer


def wanted_format(request: Request) -> Format:
    """`?format=`, then what Accept likes best of those that we have, then HTML. Raises Problem."""
    name = request.query_params.get("format")
    if name is not None:
        if name.lower() in Format.values:
            return Format(name.lower())
        raise _unavailable(name)
    accepted = request.headers.get("Accept", "*/*")
    for media_type in _by_preference(accepted):
        if media_type in _ALSO:
            return _ALSO[media_type]
        for format, ours in MEDIA_TYPES.items():
            if media_type in (ours, f"{ours.split('/')[0]}/*", "*/*"):
                return format
    raise _unavailable(accepted)


def _by_preference(accepted: str) -> Iterator[str]:
    """The media types of an Accept header (RFC 9110 §12.5.1), the most wanted first."""
    wanted = []
    for part in accepted.split(","):
        media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        wanted.append((_number(quality), media_type))
    return (media_type for quality, media_type in sorted(wanted, key=lambda pair: -pair[0]) if quality > 0)


def _number(text: str) -> float:
    try:
        return min(max(float(text), 0), 1)
    except ValueError:
        return 1


def _unavailable(wanted: str) -> Problem:
    text = _("There is no receipt as %(wanted)s; there is: %(formats)s.")
    return Problem(406, "no-such-format", text % {"wanted": wanted[:100], "formats": ", ".join(Format.values)})
