from django.urls import path

from orders import api, views

urlpatterns = [
    path("mp/orders/<path:token>", views.PollView.as_view(), name="poll"),
    path("api/v1/pos/<slug:external_id>", api.PosView.as_view(), name="pos"),
    path("api/v1/pos/<slug:external_id>/orders", api.PosOrdersView.as_view(), name="pos-orders"),
    path("api/v1/orders/<int:pk>", api.OrderView.as_view(), name="order"),
    path("api/v1/orders/<int:pk>/cancel", api.CancelView.as_view(), name="order-cancel"),
    path("api/v1/orders/<int:pk>/refunds", api.RefundsView.as_view(), name="order-refunds"),
]
