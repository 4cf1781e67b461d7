"""Receipts as files."""

import pytest

from receipts import documents


def test_for_a_receipt_printer_it_is_in_its_code_page_and_cut(receipt) -> None:
    name, media_type, content = documents.document(receipt, "escpos", codepage="cp858")
    assert (name, media_type) == (f"{receipt.number}.escpos", "application/vnd.escpos")
    assert content.startswith(b"\x1b@\x1bt\x13")  # initialize, code page 858
    assert content.endswith(b"\x1dV\x00")  # cut
    assert "Estación".encode("cp858") in content


def test_a_copy_says_so(receipt) -> None:
    _name, _media_type, original = documents.document(receipt, "escpos")
    _name, _media_type, copy = documents.document(receipt, "escpos", copy=True)
    assert len(copy) > len(original)
    assert b"COP" in copy.splitlines()[0]
    assert b"COP" not in original.splitlines()[0]


def test_what_nobody_draws_is_refused(receipt) -> None:
    with pytest.raises(documents.NoSuchFormat):
        documents.document(receipt, "docx")
