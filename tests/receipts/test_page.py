"""The customer's page: light, without script, and the receipt by e-mail."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.staticfiles import finders
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from receipts import mailing, services, tasks
from receipts.errors import Refused
from receipts.models import Receipt, ReceiptMail
from tests.receipts.conftest import give_back

ADDRESS = "Ana.Perez@example.com"


@pytest.fixture(autouse=True)
def _nobody_asked_before() -> None:
    cache.clear()


@pytest.fixture
def url(receipt: Receipt) -> str:
    return receipt.public_url.removeprefix("http://localhost:8000")


def send_all() -> None:
    ReceiptMail.objects.exclude(due_at=None).update(due_at=timezone.now())
    for row in ReceiptMail.objects.exclude(due_at=None):
        tasks.send_mail(row.pk)


# --- the page --------------------------------------------------------------------------------------------------------
def test_it_is_light_and_loads_nothing_but_the_print_button(client, url) -> None:
    page = client.get(url).content.decode()
    assert len(page.encode()) < 15_000
    found = re.findall(r"<link rel=.stylesheet|@import|(?<!xmlns=.)(?<!href=.)https?://|\son\w+=|src=\S+", page)
    assert found == ['src="/static/receipts/print.js"']
    assert finders.find("receipts/print.js")
    assert re.findall(r"<script.*?>(.*?)</script>", page) == [""]
    assert page.count("</body>") == page.count("</head>") == 1


def test_it_is_nobody_elses_business(client, url) -> None:
    for answer in (client.get(url), client.get(f"{url}?format=txt"), client.get(f"{url}/qr.png")):
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer["Referrer-Policy"] == "same-origin"
        assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_browsers_may_show_the_pdf_with_their_own_viewer(client, url) -> None:
    pdf = client.get(f"{url}?format=pdf")
    assert pdf["Content-Security-Policy"] == "frame-ancestors 'none'"  # no default-src: crbug.com/271452
    assert (pdf["Cache-Control"], pdf["Content-Type"]) == ("private, no-store", "application/pdf")


def test_a_receipt_that_is_not_there_says_the_same_as_a_link_that_was_made_up(client, url, receipt) -> None:
    made_up = client.get("/r/1.made-up")
    receipt.delete()
    gone = client.get(url)
    assert (gone.status_code, gone.content) == (made_up.status_code, made_up.content)
    assert gone.status_code == 404
    assert client.get(f"{url}/qr.png").status_code == 404
    assert client.post(url, {"address": ADDRESS}).status_code == 404
    assert not ReceiptMail.objects.exists()


@pytest.mark.parametrize("cut", [0, 2, 3, -1, -20])
def test_a_link_that_was_cut_is_answered_with_what_to_do(client, url, receipt, cut) -> None:
    answer = client.get(url[:cut] if cut else f"{url}/more", headers={"Accept-Language": "en"})
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "open the whole link" in page
    assert receipt.number not in page
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(("asked", "told"), [("es-AR,es", "es"), ("pt-BR", "pt-br"), ("pt", "pt-br"), ("de", "en")])
def test_who_has_no_receipt_is_told_in_the_language_of_the_browser(client, asked, told) -> None:
    assert f'<html lang="{told}">' in client.get("/r/cut", headers={"Accept-Language": asked}).content.decode()


def test_a_form_that_expired_says_that_nothing_was_sent_and_leads_back(url) -> None:
    stranger = Client(enforce_csrf_checks=True)
    answer = stranger.post(url, {"address": ADDRESS}, headers={"Accept-Language": "en"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Nothing was sent" in page
    assert f'href="{url}"' in page
    assert ADDRESS not in page
    assert not ReceiptMail.objects.exists()


def test_people_of_the_back_office_see_their_own_page_when_a_form_expired() -> None:
    answer = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "ana", "password": "x"})
    assert answer.status_code == 403
    assert "receipt" not in answer.content.decode()


def test_it_is_had_as_text_and_what_there_is_not_is_said(client, url, receipt) -> None:
    text = client.get(f"{url}?format=txt")
    assert receipt.number in text.content.decode()
    assert text["Content-Disposition"] == f'inline; filename="{receipt.number}.txt"'
    assert client.get(f"{url}?format=TXT").content == text.content
    none = client.get(f"{url}?format=docx")
    assert (none.status_code, none["Content-Type"]) == (404, "text/plain")


def test_it_speaks_the_language_of_the_receipt(client, url, receipt) -> None:
    assert receipt.content["language"] == "es"
    page = client.get(url, headers={"Accept-Language": "pt-BR"}).content.decode()
    assert 'lang="es"' in page


# --- by e-mail -------------------------------------------------------------------------------------------------------
def test_it_is_sent_by_the_worker_and_the_address_is_forgotten(client, url, receipt) -> None:
    answer = client.post(url, {"address": f" {ADDRESS} "})
    assert (answer.status_code, answer["Location"]) == (302, url)
    row = ReceiptMail.objects.get()
    assert row.address == ADDRESS
    send_all()
    [message] = mail.outbox
    assert message.to == [ADDRESS]
    assert message.subject.startswith(f"Comprobante {receipt.number} ")
    assert receipt.public_url in message.body
    [(name, content, _media_type)] = message.attachments
    shown = client.get(f"{url}?format=pdf")
    assert shown["Content-Disposition"] == f'inline; filename="{name}"'
    assert content == shown.content
    row.refresh_from_db()
    assert (row.address, row.due_at, row.error) == ("", None, "")
    assert row.sent_at
    assert "ana" not in row.address_hash
    send_all()
    tasks.send_mail(row.pk)
    assert len(mail.outbox) == 1


def test_who_asked_is_told_once_and_nobody_else(client, url) -> None:
    cookie = client.post(url, {"address": ADDRESS}).cookies["receipt-sent"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (url, True, "Lax")  # of that receipt alone
    told = 'role="status"'
    assert told not in Client().get(url).content.decode()
    assert told in client.get(url).content.decode()
    assert told not in client.get(url).content.decode()


def test_an_address_is_stored_encrypted_while_it_waits(client, url) -> None:
    client.post(url, {"address": ADDRESS})
    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM receipts_receiptmail")
        assert "example" not in cursor.fetchone()[0]


@pytest.mark.parametrize(
    "address", ["", "ana", "ana@", "a@b.com, c@d.com", "a@b.com\nBcc: x@y.com", "<a@b.com>", "a" * 250 + "@b.com"]
)
def test_what_is_no_address_is_refused_beside_the_field(client, url, address) -> None:
    answer = client.post(url, {"address": address})
    assert answer.status_code == 400
    assert 'aria-describedby="why"' in answer.content.decode()
    assert not ReceiptMail.objects.exists()


def test_a_receipt_is_sent_three_times_a_day(client, url) -> None:
    answers = [client.post(url, {"address": f"a{n}@example.com"}).status_code for n in range(4)]
    assert answers == [302, 302, 302, 429]
    ReceiptMail.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert client.post(url, {"address": ADDRESS}).status_code == 302


def test_so_many_an_hour_are_asked_for_from_one_place(another_receipt, monkeypatch) -> None:
    monkeypatch.setattr(mailing, "PER_SENDER", 10)
    receipts = [another_receipt() for _ in range(4)]
    for number in range(10):
        mailing.ask(receipts[number // 3], address=ADDRESS, sender_ip="2001:db8:1:2::1")
    with pytest.raises(Refused, match="from here"):
        mailing.ask(receipts[3], address=ADDRESS, sender_ip="2001:db8:1:2:ffff::9")  # the same customer's network
    assert mailing.ask(receipts[3], address=ADDRESS, sender_ip="2001:db8:1:3::1")


def test_who_asks_is_told_by_our_own_proxy_not_by_the_customer(client, another_receipt, settings, monkeypatch) -> None:
    monkeypatch.setattr(mailing, "PER_SENDER", 10)
    settings.TRUSTED_PROXIES = 1

    def ask(hops: str) -> int:
        url = another_receipt().public_url.removeprefix("http://localhost:8000")
        return int(client.post(url, {"address": ADDRESS}, headers={"X-Forwarded-For": hops}).status_code)

    assert [ask(f"198.51.100.{number}, 203.0.113.9") for number in range(11)] == [302] * 10 + [429]
    assert ask("203.0.113.9, 198.51.100.77") == 302


def test_an_e_mail_with_a_refund_slip_does_not_call_it_a_receipt(closed, receipt) -> None:
    slip = services.issue_slip(give_back(closed, 100))
    services.draw(slip)
    for document in (receipt, slip):
        mailing.ask(document, address=ADDRESS, sender_ip="203.0.113.9")
    send_all()
    of_receipt, of_slip = sorted(mail.outbox, key=lambda message: slip.number in message.subject)
    assert of_receipt.subject.startswith(f"Comprobante {receipt.number} ")
    assert slip.number in of_slip.subject
    assert not of_slip.subject.startswith(f"Comprobante {slip.number} ")
    assert of_slip.body.splitlines()[0] != of_receipt.body.splitlines()[0]


def test_a_mail_server_that_is_down_is_tried_again_and_given_up_without_keeping_the_address(
    client, url, settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    client.post(url, {"address": ADDRESS})
    send_all()
    row = ReceiptMail.objects.get()
    assert (row.attempts, row.error, row.address) == (1, "ConnectionRefusedError", ADDRESS)
    assert row.due_at
    assert row.due_at > timezone.now()
    for _ in range(10):
        send_all()
    given_up = ReceiptMail.objects.get()
    assert (given_up.attempts, given_up.due_at, given_up.address, given_up.sent_at) == (8, None, "", None)


def test_where_no_mail_is_sent_the_page_does_not_offer_it(client, url, settings) -> None:
    settings.SENDS_EMAIL = False
    assert 'type="email"' not in client.get(url).content.decode()
    client.post(url, {"address": ADDRESS})
    assert not ReceiptMail.objects.exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_eight_requests_at_once_are_all_counted(receipt) -> None:
    start = Barrier(8)

    def ask(number: int) -> bool:
        try:
            start.wait()
            mailing.ask(receipt, address=ADDRESS, sender_ip=f"203.0.113.{number}")
        except Refused:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(ask, range(8))) == 3
    assert ReceiptMail.objects.count() == 3
