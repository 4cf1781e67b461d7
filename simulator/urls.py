"""Mercado Pago's API at its own addresses, the phone's under /simulator/ (contract §7), its page at /."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path

from simulator import codes, controls, loyalty, money_api, oauth, phone, pos_api, stores_api
from simulator.http import endpoint


def page(request: HttpRequest) -> HttpResponse:
    return render(request, "simulator/phone.html")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    message = "resource not found"
    return JsonResponse({"message": message, "error": "not_found", "status": 404, "cause": []}, status=404)


urlpatterns = [
    path("authorization", oauth.authorization),
    path("oauth/token", endpoint("oauth", POST=oauth.token)),
    path("users/me", endpoint("api", GET=money_api.me)),
    path("users/<int:user_id>/stores", endpoint("api", POST=stores_api.create)),
    path("users/<int:user_id>/stores/search", endpoint("api", GET=stores_api.search)),
    path("users/<int:user_id>/stores/<int:store_id>", endpoint("api", PUT=stores_api.update, DELETE=stores_api.delete)),
    path("stores/<int:store_id>", endpoint("api", GET=stores_api.read)),
    path("pos", endpoint("api", GET=pos_api.search, POST=pos_api.create)),
    path("pos/<int:pos_id>", endpoint("api", GET=pos_api.read, PUT=pos_api.update, DELETE=pos_api.delete)),
    path("merchant_orders", endpoint("api", GET=money_api.search_orders)),
    path("merchant_orders/search", endpoint("api", GET=money_api.search_orders)),
    path("merchant_orders/<int:order_id>", endpoint("api", GET=money_api.read_order)),
    path("v1/payments/search", endpoint("api", GET=money_api.search_payments)),
    path("v1/payments/<int:payment_id>", endpoint("api", GET=money_api.read_payment)),
    path("v1/payments/<int:payment_id>/refunds", endpoint("api", GET=money_api.list_refunds, POST=money_api.refund)),
    path("instore/loyalty/<int:order_id>", endpoint("api", GET=loyalty.read)),
    path("instore/merchant/qr/<int:pos_id>/<slug:name>.png", codes.picture, {"kind": "png"}),
    path("instore/merchant/qr/<int:pos_id>/<slug:name>.pdf", codes.picture, {"kind": "pdf"}),
    path("simulator/scans", endpoint("phone", GET=phone.list_scans, POST=phone.scan)),
    path("simulator/scans/<int:scan_id>", endpoint("phone", logged=False, GET=phone.show)),
    path("simulator/scans/<int:scan_id>/pay", endpoint("phone", POST=phone.pay)),
    path("simulator/scans/<int:scan_id>/abort", endpoint("phone", POST=phone.abort)),
    path("simulator/codes", endpoint("phone", logged=False, GET=controls.list_codes)),
    path("simulator/payments/<int:payment_id>", endpoint("phone", POST=controls.change_payment)),
    path(
        "simulator/notifications",
        endpoint("phone", GET=controls.read_notifications, PUT=controls.switch_notifications),
    ),
    path("simulator/chaos", endpoint("phone", GET=controls.read_chaos, PUT=controls.change_chaos)),
    path("simulator/chaos/happened", endpoint("phone", logged=False, GET=controls.count_chaos)),
    path("simulator/hosts", endpoint("phone", PUT=controls.refuse_hosts)),
    path("simulator/applications/<int:client_id>", endpoint("phone", logged=False, PUT=oauth.register)),
    path("simulator/sellers/<int:user_id>", endpoint("phone", PUT=controls.place_seller)),
    # The merchant's API may call back while the pump waits for its answer: no lock here.
    path(
        "simulator/controller",
        endpoint(
            "phone",
            logged=False,
            locked=False,
            GET=controls.read_controller,
            PUT=controls.save_controller,
            POST=controls.pump,
        ),
    ),
    path("simulator/exchanges", endpoint("phone", logged=False, GET=controls.list_exchanges)),
    path("healthz", endpoint("phone", logged=False, GET=controls.health)),
    path("", page),
]
handler404 = not_found
