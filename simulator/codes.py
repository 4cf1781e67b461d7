"""The QR codes as pictures (protocol.md §10). Mercado Pago's posters have a frame; these are the bare code, larger."""

import io

import segno
from django.http import Http404, HttpRequest, HttpResponse

from simulator.sites import SITES
from simulator.world import Json, world

_TYPES = {"png": "image/png", "pdf": "application/pdf"}


def picture(request: HttpRequest, pos_id: int, name: str, kind: str) -> HttpResponse:
    pos = world.tables["pos"].get(str(pos_id))
    if pos is None or pos["uuid"] != name.removeprefix("template_"):
        raise Http404
    out = io.BytesIO()
    segno.make(payload(pos), error="m", micro=False).save(out, kind=kind, scale=12 if "template" in name else 6)
    return HttpResponse(out.getvalue(), content_type=_TYPES[kind])


def payload(pos: Json) -> str:
    """EMVCo merchant-presented text. It names the POS; the merchant's URL is not in it."""
    country = SITES[world.site_of(pos["user_id"])]
    store = world.tables["stores"].get(pos["store_id"], {})
    city = store.get("location", {}).get("city_name", "")
    owner = _tlv("00", "com.mercadolibre") + _tlv("01", f"https://mpago.la/pos/{pos['id']}")
    text = _tlv("00", "01") + _tlv("01", "11") + _tlv("43", owner)
    if country.code == "AR":
        text += _tlv("50", _tlv("00", "30703088534"))
    text += _tlv("52", "9700") + _tlv("53", country.numeric) + _tlv("58", country.code)
    text += _tlv("59", pos["name"][:25]) + _tlv("60", city[:15]) + "6304"
    return text + f"{_crc16(text.encode()):04X}"


def _tlv(tag: str, value: str) -> str:
    return f"{tag}{len(value):02}{value}"


def _crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc
