"""From a picture that somebody uploads to one that a receipt printer can print."""

import hashlib
from io import BytesIO
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from stores.models import Logo

MAX_BYTES = 200 * 1024
_WIDTH, _HEIGHT = 384, 240  # dots: the whole width of a 58 mm roll
_MOST_PIXELS = 16_000_000


def keep(file: BinaryIO) -> Logo:
    """The logo in this file, PNG or JPEG; one that is here already is not kept twice. Raises ValidationError."""
    image = shrink(file)
    buffer = BytesIO()
    image.save(buffer, "PNG", optimize=True)
    png = buffer.getvalue()
    facts = {"png": png, "width": image.width, "height": image.height}
    return Logo.objects.get_or_create(sha256=hashlib.sha256(png).hexdigest(), defaults=facts)[0]


def shrink(file: BinaryIO) -> Image.Image:
    """Grey on white paper, without the margin around it, and as small as a printer needs it."""
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValidationError(_("The picture is larger than %(size)s KiB."), params={"size": MAX_BYTES // 1024})
    picture = _open(data).convert("RGBA")
    paper = Image.new("RGBA", picture.size, "white")
    grey = Image.alpha_composite(paper, picture).convert("L")
    box = ImageOps.invert(grey).point(lambda value: 255 if value > 8 else 0).getbbox()
    if box is None:
        raise ValidationError(_("There is nothing but white in this picture."))
    grey = grey.crop(box)
    grey.thumbnail((_WIDTH, _HEIGHT), Image.Resampling.LANCZOS)
    return grey


def _open(data: bytes) -> Image.Image:
    try:
        picture = Image.open(BytesIO(data), formats=("PNG", "JPEG"))
        if picture.width * picture.height > _MOST_PIXELS:
            text = _("The picture has %(width)s × %(height)s points: make it smaller, %(enough)s wide is enough.")
            values = {"width": picture.width, "height": picture.height, "enough": _WIDTH}
            raise ValidationError(text, params=values)
        picture.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValidationError(_("This is no PNG or JPEG picture that can be read.")) from error
    return ImageOps.exif_transpose(picture) or picture
