"""The least valid objects."""

from datetime import timedelta
from decimal import Decimal

import factory.django
from django.utils import timezone

from orders.models import Order
from pos.models import PointOfSale
from stores.models import Account, Application, Store

ITEM = {
    "title": "SUPER",
    "quantity": "1",
    "unit_measure": "unit",
    "unit_price": "500.00",
    "total_amount": "500.00",
    "description": "",
    "sku_number": "",
    "category": "",
}


class AccountFactory(factory.django.DjangoModelFactory[Account]):
    class Meta:
        model = Account

    site_code = "MLA"
    user_id = factory.Sequence(lambda n: 178106235 + n)
    access_token = factory.LazyAttribute(lambda a: f"APP_USR-1-112326-secret-{a.user_id}")


class ApplicationFactory(factory.django.DjangoModelFactory[Application]):
    class Meta:
        model = Application

    name = "Integrator"
    site_code = "MLA"
    client_id = factory.Sequence(lambda n: str(1234567890123456 + n))
    client_secret = "client-secret-of-ours"
    owner_id = 334249281


class StoreFactory(factory.django.DjangoModelFactory[Store]):
    class Meta:
        model = Store

    account = factory.SubFactory(AccountFactory)
    external_id = factory.Sequence(lambda n: f"STORE{n:03}")
    branch_number = factory.Sequence(lambda n: n + 1)
    name = "Estación Caseros"
    street = "Caseros"
    number = "3039"
    city = "Belgrano"
    state = "Capital Federal"
    latitude = Decimal("-34.6352")
    longitude = Decimal("-58.4057")
    time_zone = "America/Argentina/Buenos_Aires"
    registration = "registered"
    remote_id = factory.Sequence(lambda n: 1234567 + n)


class PosFactory(factory.django.DjangoModelFactory[PointOfSale]):
    class Meta:
        model = PointOfSale

    store = factory.SubFactory(StoreFactory)
    external_id = factory.Sequence(lambda n: f"POS{n:04}")
    name = "Pump 1"
    category = "gas_station"
    registration = "registered"
    remote_id = factory.Sequence(lambda n: 2711382 + n)


class OrderFactory(factory.django.DjangoModelFactory[Order]):
    class Meta:
        model = Order

    pos = factory.SubFactory(PosFactory)
    items = factory.LazyFunction(lambda: [dict(ITEM)])
    currency = "ARS"
    total_amount = Decimal("500.00")
    idempotency_key = factory.Sequence(lambda n: f"key-{n}")
    fingerprint = "-"
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(minutes=15))
