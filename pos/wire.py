"""How controllers' JSON is read: decimals stay exact, unknown fields are refused, every answer is JSON."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any, Final

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import APIException, ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")  # as a text; Python also reads 1_0, and digits of other scripts
_MOST_DIGITS: Final = 100
MAX_BODY = 256 * 1024  # bytes: an order of 200 items needs 60 KiB


class BodyTooLarge(APIException):
    """413."""

    status_code = 413
    default_detail = f"The body is larger than {MAX_BODY // 1024} KiB."


class DecimalJSONParser(BaseParser):
    """JSON whose numbers never become floats, whatever Content-Type a controller sends."""

    media_type = "*/*"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        body = stream.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            raise BodyTooLarge
        try:
            return json.loads(
                body, parse_float=Decimal, parse_int=_whole, parse_constant=_refuse, object_pairs_hook=_object
            )
        except RecursionError as error:
            raise ParseError(_("The body is not readable JSON: %(error)s") % {"error": "nested too deeply"}) from error
        except ValueError as error:
            raise ParseError(_("The body is not readable JSON: %(error)s") % {"error": error}) from error


def _whole(digits: str) -> int:
    """Python refuses the longest in words about itself."""
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"a number has more than {_MOST_DIGITS} digits")
    return int(digits)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two amounts under one name are no amount."""
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _value in pairs]
        raise ValueError(f"{next(n for n in names if names.count(n) > 1)} is given twice")
    return content


class AlwaysJSON(BaseContentNegotiation):
    """The first parser and renderer, whatever the caller accepts: machines never get an HTML page."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know: a misspelt name must not be lost silently."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := [name for name in data if name not in self.fields]):
            known = ", ".join(self.fields)
            text = _("There is no such field. Known are: %(known)s.") % {"known": known}
            raise serializers.ValidationError({str(name): [text] for name in unknown})
        return super().to_internal_value(data)
