from django.urls import path, re_path

from receipts import views
from receipts.api import ReceiptView, SlipView
from receipts.display_api import DisplayView
from receipts.printing_api import NextJobView, OutcomeView, PrinterStatusView

urlpatterns = [
    path("api/v1/orders/<int:pk>/receipt", ReceiptView.as_view(), name="order-receipt"),
    path("api/v1/orders/<int:pk>/refunds/<int:refund>/receipt", SlipView.as_view(), name="refund-receipt"),
    path("api/v1/pos/<slug:external_id>/display", DisplayView.as_view(), name="display"),
    path("api/v1/print-jobs/next", NextJobView.as_view(), name="next-print-job"),
    path("api/v1/print-jobs/<int:pk>/outcome", OutcomeView.as_view(), name="print-job-outcome"),
    path("api/v1/printers/status", PrinterStatusView.as_view(), name="printer-status"),
    path("r/<str:token>", views.public_receipt, name="public-receipt"),
    path("r/<str:token>/qr.png", views.public_qr, name="public-receipt-qr"),
    re_path("^r(?:/(?P<rest>.*))?$", views.no_receipt),
]
