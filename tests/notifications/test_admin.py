"""What the list of deliveries says of their signatures."""

import pytest
from django.contrib import admin

from notifications.admin import NotificationAdmin
from notifications.models import Notification
from stores.models import Account


@pytest.mark.parametrize(
    ("verdict", "secret", "said"),
    [("invalid", "", "Not checked: no secret"), ("invalid", "s", "Does not match"), ("absent", "", "Not signed")],
)
def test_where_there_is_no_secret_to_check_a_signature_with_it_is_not_called_wrong(verdict, secret, said) -> None:
    row = Notification(verdict=verdict, account=Account(webhook_secret=secret))
    assert said in NotificationAdmin(Notification, admin.site).signature(row)
