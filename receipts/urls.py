from django.urls import path

from receipts.api import ReceiptView
from receipts.views import public_receipt

urlpatterns = [
    path("api/v1/orders/<int:pk>/receipt", ReceiptView.as_view(), name="order-receipt"),
    path("r/<str:token>", public_receipt, name="public-receipt"),
]
