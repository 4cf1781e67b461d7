"""What is too large is refused before a byte of it is read."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backoffice.settlement import runs

MB = 1024 * 1024


class Unread:
    """A body that must not be touched."""

    def read(self, *_size: int) -> bytes:
        raise AssertionError("the body was read")

    readline = read


def send(client: Client, path: str, length: int):
    form: dict[str, Any] = {
        "wsgi.input": Unread(),
        "CONTENT_LENGTH": str(length),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
    }
    return client.generic("POST", path, **form)


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/settlement/", "/language/", "/r/x", "/", "/nothing"])
def test_who_is_not_logged_in_sends_no_files(client, db, path: str) -> None:
    answer = send(client, path, 100 * MB)
    assert answer.status_code == 413
    assert "too large" in answer.content.decode()


def test_who_is_logged_in_sends_no_more_than_the_largest_report(db) -> None:
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss"))
    assert send(boss, "/admin/settlement/", runs.MOST_BYTES + 2 * MB).status_code == 413
    assert send(boss, "/language/", 100 * MB).status_code == 413
    with pytest.raises(AssertionError, match="the body was read"):
        send(boss, "/admin/settlement/", 400 * MB)


def test_a_file_of_a_usual_size_comes_through(db) -> None:
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss"))
    file = SimpleUploadedFile("chain.csv", b"x" * 4 * MB)
    answer = boss.post("/admin/pos/pointofsale/import/", {"file": file})
    assert answer.status_code != 413
