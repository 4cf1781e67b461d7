"""What is said when something is wrong: a page for people, a document for machines."""

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory

from backoffice import views


@pytest.fixture
def boss(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    return client


def test_people_get_a_page_in_their_language(boss: Client) -> None:
    answer = boss.get("/admin/nothing/", headers={"Accept-Language": "es"})
    assert answer.status_code == 404
    assert 'lang="es"' in answer.content.decode()
    assert 'href="/admin/"' in answer.content.decode()


def test_customers_are_not_led_into_the_back_office(db) -> None:
    answer = Client().get("/r/no-such-receipt")
    assert answer.status_code == 404
    assert 'href="/admin/"' not in answer.content.decode()


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/mp/nothing"])
def test_machines_get_a_problem_document(db, path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_who_may_not_is_told_whom_to_ask(db) -> None:
    client = Client()
    client.force_login(User.objects.create_user("somebody", is_staff=True))
    answer = client.get("/admin/orders/order/")
    assert answer.status_code == 403
    assert "ask whoever manages the back-office" in answer.content.decode()


def test_a_form_that_is_too_old_says_that_nothing_was_changed(db) -> None:
    answer = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "a"})
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()


def test_a_fault_is_told_without_the_database(django_db_blocker) -> None:
    """Neither the page for people nor the document for machines asks anything."""
    with django_db_blocker.block():
        for path, kind in (("/admin/", "text/html"), ("/api/v1/orders", "application/problem+json")):
            answer = views.fault(RequestFactory().get(path))
            assert answer.status_code == 500
            assert answer["Content-Type"].startswith(kind)


def test_a_chosen_language_is_remembered(boss: Client) -> None:
    answer = boss.post("/language/", {"language": "pt-br", "next": "/admin/"}, follow=True)
    assert 'lang="pt-br"' in answer.content.decode()
    assert boss.cookies["django_language"]["max-age"] >= 365 * 24 * 3600
    assert 'lang="pt-br"' in boss.get("/admin/", headers={"Accept-Language": "es"}).content.decode()
