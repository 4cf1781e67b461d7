"""Bodies that come in chunks, whose length nobody said: Django takes it for 0, and an empty refund is a full one."""

import io
from wsgiref.types import WSGIEnvironment

from django.conf import settings


def read_chunks(environ: WSGIEnvironment) -> str:
    """Put the body where Django looks for it, with its length. What to refuse the request with, or nothing.

    Only servers that end the stream themselves (`wsgi.input_terminated`) can be asked for all of it.
    """
    if not environ.get("wsgi.input_terminated"):
        return "411 Length Required"
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    try:
        body = environ["wsgi.input"].read(most + 1)
    except Exception:  # each server has its own for chunks that are none, or end in the middle
        return "400 Bad Request"
    if len(body) > most:
        return "413 Content Too Large"
    del environ["HTTP_TRANSFER_ENCODING"]
    environ |= {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    return ""
