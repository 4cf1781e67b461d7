"""What the agents at the stations call: fetch what is to be printed, say what became of it."""

import base64
from typing import Any, cast

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from pos.openapi import invalid, problem
from pos.problems import Problem
from pos.waiting import wait_until
from pos.wire import StrictSerializer
from receipts import examples, spooling
from receipts.authentication import HasPrinterKey, PrinterAuthentication
from receipts.models import Printer, PrinterKey, PrintJob
from receipts.states import JobState, PrinterKind, Trouble

_NOT_AN_AGENTS = "This printer is switched off, or not printed on by an agent: see the printer in the back-office."
_REFUSED = problem(409, "The printer is not an agent's, or is switched off.", not_an_agents_printer=_NOT_AN_AGENTS)
PRINTING, PRINTED, FAILED, UNKNOWN = "printing", "printed", "failed", "unknown"


class WaitQuerySerializer(serializers.Serializer[Any]):
    """The query of a long poll."""

    wait = serializers.FloatField(min_value=0, max_value=30, default=0)


class PrintJobSerializer(serializers.Serializer[Any]):
    """Something to be printed."""

    id = serializers.IntegerField()
    attempt = serializers.IntegerField(help_text="To be repeated in every outcome.")
    receipt = serializers.CharField(allow_null=True, help_text="Its number; null for a test page.")
    is_copy = serializers.BooleanField()
    columns = serializers.IntegerField()
    must_answer = serializers.BooleanField(help_text="Not to be printed unless the printer says how it is.")
    content = serializers.CharField(help_text="The bytes for the printer, in base64.")


class OutcomeSerializer(StrictSerializer):
    """What became of it."""

    attempt = serializers.IntegerField(min_value=1)
    state = serializers.ChoiceField(
        choices=[PRINTING, PRINTED, FAILED, UNKNOWN],
        help_text="`printing`: before the first byte, and only a 204 allows it; `printed`: all of it; `failed`: not a "
        "byte, try again later; `unknown`: some of it, or nobody knows. Only `failed` is printed again by itself.",
    )
    error = serializers.ChoiceField(
        choices=Trouble.choices,
        required=False,
        help_text="With `printed` only `silent` says something: the printer took it, and cannot say how it is.",
    )
    detail = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)
    bytes_sent = serializers.IntegerField(required=False, default=0, min_value=0, max_value=2**31 - 1)


class PrinterStatusSerializer(StrictSerializer):
    """How the printer is."""

    error = serializers.ChoiceField(
        choices=Trouble.choices, allow_null=True, help_text="null: it says that it is well."
    )


class AgentView(APIView):
    """A view for agents: their key is one printer's."""

    authentication_classes = (PrinterAuthentication,)
    permission_classes = (HasPrinterKey,)

    def find_printer(self) -> Printer:
        printer = Printer.objects.select_related("store", "pos").get(pk=cast(PrinterKey, self.request.auth).printer_id)
        if printer.kind != PrinterKind.AGENT or not printer.is_active:
            text = _("This printer is switched off, or not printed on by an agent: see the printer in the back-office.")
            raise Problem(409, "not-an-agents-printer", text)
        spooling.heard_of(printer)
        return printer


class NextJobView(AgentView):
    """The next thing to print, at once or as soon as there is one."""

    @extend_schema(
        operation_id="take_print_job",
        tags=["Printing"],
        summary="Take the next print job; with `wait`, as soon as there is one",
        description=(
            "For the agent at a station; its key is one printer's. What is taken is held for a while: report "
            "`printing` before the first byte, and what came of it afterwards."
        ),
        parameters=[OpenApiParameter("wait", float, description="Seconds, at most 30.")],
        responses={
            200: PrintJobSerializer,
            204: OpenApiResponse(description="Nothing to print."),
            **invalid("wait", "Ensure this value is less than or equal to 30."),
            **_REFUSED,
        },
        examples=[OpenApiExample("a receipt", examples.JOB, response_only=True, status_codes=["200"])],
    )
    def get(self, request: Request) -> Response:
        query = WaitQuerySerializer(data=request.query_params.dict())  # not as a form: an empty field is a mistake
        query.is_valid(raise_exception=True)
        printer = self.find_printer()
        asked = spooling.ask(printer)
        job = wait_until(lambda: spooling.claim(printer, asked=asked), seconds=query.validated_data["wait"])
        return Response(_described(job)) if job else Response(status=204)


class OutcomeView(AgentView):
    """Where the printing of a job stands."""

    @extend_schema(
        operation_id="report_print_job",
        tags=["Printing"],
        summary="Tell where a print job stands",
        description="Nothing is printed twice: `printing` must be answered with 204 before the first byte is sent.",
        request={"application/json": OutcomeSerializer},
        responses={
            204: OpenApiResponse(description="Noted."),
            **invalid("state", '"lost" is not a valid choice.'),
            **problem(
                409,
                "Not this attempt's any more: do not print it.",
                not_held="Attempt 1 does not hold this job any more: it is queued.",
                not_an_agents_printer=_NOT_AN_AGENTS,
            ),
        },
        examples=[
            OpenApiExample("begins", examples.BEGINS, request_only=True),
            OpenApiExample("printed", examples.PRINTED, request_only=True),
            OpenApiExample("no paper", examples.NO_PAPER, request_only=True),
        ],
    )
    def post(self, request: Request, pk: int) -> Response:
        job = PrintJob.objects.filter(printer=self.find_printer(), pk=pk).select_related("printer", "receipt").first()
        if job is None:
            raise Http404
        outcome = OutcomeSerializer(data=request.data)
        outcome.is_valid(raise_exception=True)
        if not _note(job, **outcome.validated_data):
            text = _("Attempt %(attempt)s does not hold this job any more: it is %(state)s.")
            values = {"attempt": outcome.validated_data["attempt"], "state": job.get_state_display()}
            raise Problem(409, "not-held", text % values)
        return Response(status=204)


class PrinterStatusView(AgentView):
    """How the agent's printer is."""

    @extend_schema(
        operation_id="report_printer",
        tags=["Printing"],
        summary="Tell how the printer is",
        description="Paper out and offline stand on the back-office's front page until the printer is well again.",
        request={"application/json": PrinterStatusSerializer},
        responses={
            204: OpenApiResponse(description="Noted."),
            **invalid("error", '"tired" is not a valid choice.'),
            **_REFUSED,
        },
        examples=[
            OpenApiExample("well", {"error": None}, request_only=True),
            OpenApiExample("no paper", {"error": "paper_out"}, request_only=True),
        ],
    )
    def put(self, request: Request) -> Response:
        printer = self.find_printer()
        status = PrinterStatusSerializer(data=request.data)
        status.is_valid(raise_exception=True)
        error = status.validated_data["error"]
        spooling.notice(printer, Trouble(error) if error else None)
        return Response(status=204)


def _described(job: PrintJob) -> dict[str, Any]:
    try:
        content = spooling.content_of(job)
    except Exception as error:
        spooling.postpone(job, Trouble.NO_DOCUMENT, str(error))
        raise
    return {
        "id": job.pk,
        "attempt": job.attempts,
        "receipt": job.receipt.number if job.receipt else None,
        "is_copy": job.is_copy,
        "columns": job.printer.columns,
        "must_answer": job.printer.must_answer,
        "content": base64.b64encode(content).decode(),
    }


def _note(job: PrintJob, *, attempt: int, state: str, detail: str, bytes_sent: int, error: str = "") -> bool:
    """Whether this attempt held the job. The same outcome again is as good as the first time."""
    was, job.attempts = job.attempts, attempt
    if was != attempt:
        return False
    if state == PRINTING:
        return spooling.start(job)
    if state == PRINTED:
        answers = error != Trouble.SILENT
        return spooling.finish(job, sent=bytes_sent, answers=answers) or job.state == JobState.PRINTED
    if state == UNKNOWN:
        done = spooling.lose(job, Trouble(error or Trouble.LOST), detail, sent=bytes_sent)
        return done or job.state == JobState.UNKNOWN
    return spooling.postpone(job, Trouble(error or Trouble.ERROR), detail) or job.state == JobState.QUEUED
