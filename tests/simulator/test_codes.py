"""The simulator's pictures hold a code that the project's own reader, which shares nothing with it, understands."""

import requests

from gateway import qr
from pos.pictures import read_codes
from tests.simulator.conftest import Seller


def test_the_pictures_say_whose_code_they_are(seller: Seller, pos) -> None:
    for kind in ("image", "template_image"):
        picture = requests.get(pos["qr"][kind].replace("localhost", "127.0.0.1"), timeout=5)
        [text] = read_codes(picture.content)
        code = qr.parse(text)
        assert (code.pos_id, code.country, code.currency, code.is_static) == (pos["id"], "AR", "032", True)
        assert (code.merchant, code.city) == ("POS 1", "Belgrano")
