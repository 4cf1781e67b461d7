"""The handbook: complete in each language, readable by everybody who may log in, and nothing but text and pictures."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from backoffice import handbook, roles
from backoffice.roles import Role
from pos.models import PointOfSale

CHAPTERS = sorted(file.stem for file in (handbook.ROOT / "es").glob("*.md"))
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)]+)\)")


def files() -> Iterator[Path]:
    for language in handbook.LANGUAGES:
        yield from sorted((handbook.ROOT / language).glob("*.md"))


@pytest.fixture
def cashier(pos: PointOfSale) -> Client:
    user = User.objects.create_user("eva", is_staff=True)
    roles.give(user, Role.CASHIER)
    pos.store.managers.add(user)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def bad_chapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that somebody wrote carelessly, or with bad intent."""
    monkeypatch.setattr(handbook, "ROOT", tmp_path)
    (tmp_path / "es").mkdir()
    lines = (
        "# Title <b>",
        "",
        "<script>alert(1)</script>",
        "",
        "a <img src=x onerror=alert(1)> [link](javascript:alert(1)) ![far](https://elsewhere.example/a.png)",
    )
    (tmp_path / "es" / "01-bad.md").write_text("\n".join(lines))


def test_it_has_ten_chapters() -> None:
    assert len(CHAPTERS) == 10


def test_each_language_has_the_same_chapters_of_the_same_shape() -> None:
    for language in handbook.LANGUAGES:
        assert [chapter.name for chapter in handbook.chapters(language)] == CHAPTERS
    for name in CHAPTERS:
        texts = [(handbook.ROOT / language / f"{name}.md").read_text() for language in handbook.LANGUAGES]
        for of in (r"^#+ ", r"!\[", r"^\|", r"^\d+\. ", r"^- "):
            assert len({len(re.findall(of, text, re.MULTILINE)) for text in texts}) == 1, (name, of)


@pytest.mark.parametrize("file", list(files()), ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_its_pictures_and_links_lead_somewhere(file: Path) -> None:
    text = file.read_text()
    assert text.startswith("# ")
    for alt, target in PICTURE.findall(text):
        assert alt
        assert f"/{file.parent.name}/" in target, "a picture in the words of another language"
        assert (file.parent / target).is_file()
        assert (file.parent / target.replace(f"/{handbook.WIDE}/", f"/{handbook.NARROW}/")).is_file()
    for target in LINK.findall(text):
        assert (file.parent / target).is_file()


@pytest.mark.parametrize("language", handbook.LANGUAGES)
@pytest.mark.parametrize("name", CHAPTERS)
def test_a_cashier_reads_every_chapter_with_its_pictures(cashier: Client, language: str, name: str) -> None:
    page = cashier.get(reverse("admin:handbook_chapter", args=[name]), {"in": language})

    assert page.status_code == 200
    text = page.content.decode()
    pictures = PICTURE.findall((handbook.ROOT / language / f"{name}.md").read_text())
    found = re.findall(r'(?:srcset|img src)="(/admin/handbook/[^"]+)"', text)
    assert len(found) == 2 * len(pictures)
    for address in found:
        answer = cashier.get(address)
        assert answer.status_code == 200
        assert b"".join(answer).startswith(b"\x89PNG")


def test_the_contents_list_every_chapter_in_the_readers_language(cashier: Client) -> None:
    text = cashier.get(reverse("admin:handbook"), headers={"accept-language": "pt-br"}).content.decode()
    for chapter in handbook.chapters("pt-br"):
        assert reverse("admin:handbook_chapter", args=[chapter.name]) in text
    assert "O painel da pista" in text


def test_a_reader_of_another_language_gets_one_and_may_choose(cashier: Client) -> None:
    text = cashier.get(reverse("admin:handbook"), headers={"accept-language": "fr"}).content.decode()
    assert all(f"?in={code}" in text for code in handbook.LANGUAGES)


def test_nobody_reads_it_without_a_log_in(client: Client, db: None) -> None:
    for address in (
        reverse("admin:handbook"),
        reverse("admin:handbook_chapter", args=[CHAPTERS[0]]),
        reverse("admin:handbook_picture", args=["es", handbook.WIDE, "home"]),
    ):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("admin:login"))


def test_no_html_of_a_chapter_reaches_the_page(cashier: Client, bad_chapter: None) -> None:
    text = cashier.get(reverse("admin:handbook_chapter", args=["01-bad"]), {"in": "es"}).content.decode()

    assert "Title &lt;b&gt;" in text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<img src=x" not in text
    assert 'href="javascript:' not in text
    assert "elsewhere.example" not in text


@pytest.mark.parametrize("name", ["11-none", "readme"])
def test_a_chapter_that_there_is_not_is_not_found(cashier: Client, name: str) -> None:
    assert cashier.get(reverse("admin:handbook_chapter", args=[name])).status_code == 404


@pytest.mark.parametrize(
    "path", ["es/1280/none.png", "es/7/home.png", "../1280/home.png", "es/..%2f1280/home.png", "es/1280/..%2fhome.png"]
)
def test_no_address_leads_out_of_the_folder_of_pictures(cashier: Client, path: str) -> None:
    assert cashier.get(f"/admin/handbook/pictures/{path}").status_code == 404


def test_the_question_mark_of_a_page_leads_to_its_chapter(boss: Client) -> None:
    for address, chapter in (("admin:index", "02-home"), ("admin:closing", "08-closing"), ("admin:board", "03-board"),
                             ("admin:receipts_printer_changelist", "07-paper")):  # fmt: skip
        text = boss.get(reverse(address), follow=True).content.decode()
        assert f'class="handbook-link" href="{reverse("admin:handbook_chapter", args=[chapter])}"' in text


def test_every_chapter_but_a_few_is_some_pages_explanation() -> None:
    explained = {handbook.chapter_about(name) for name in ("two_factor", "index", "board_store", "timeline_order",
                 "attention", "orders_order_change", "receipts_printer_add", "closing_day", "settlement_run",
                 "auth_user_changelist")}  # fmt: skip
    assert explained == set(CHAPTERS)
    assert handbook.chapter_about("login") == ""
