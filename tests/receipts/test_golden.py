"""What was issued years ago is drawn as it was: tests/receipts/golden/README.md."""

import pytest

from tests.receipts import golden_files


@pytest.mark.parametrize("name", golden_files.names())
def test_an_old_receipt_is_drawn_as_it_was(name) -> None:
    for file, data in golden_files.draw(name).items():
        assert data == (golden_files.FOLDER / file).read_bytes(), f"{file} has changed: see golden/README.md"


def test_there_is_one_of_each_kind() -> None:
    contents = [golden_files.content(name) for name in golden_files.names()]
    assert {content["version"] for content in contents} == {1, 2}
    assert {block["kind"] for content in contents for block in content["blocks"]} == {
        "title", "text", "left", "row", "total", "rule", "logo", "heading", "mark", "qr"
    }  # fmt: skip
