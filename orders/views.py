"""The URL that Mercado Pago asks."""

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from orders.polling import answer_poll


class PollView(APIView):
    """What the customer who scanned this point of sale's code must pay, in Mercado Pago's words."""

    authentication_classes = ()
    permission_classes = ()
    problem_content_type = "application/json"
    http_method_names = ["get"]
    schema = None  # Mercado Pago's contract, not the controllers'

    def get(self, request: Request, token: str) -> HttpResponse:
        answer = answer_poll(token)
        headers = {"Cache-Control": "no-store", **answer.headers}
        return HttpResponse(answer.body, status=answer.status, content_type="application/json", headers=headers)
