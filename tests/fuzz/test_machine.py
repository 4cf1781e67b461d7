"""The stateful property test. `make fuzz` plays many more examples than a test run does."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fuzz.machine import COUNTS, Station

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "75"))
STEPS = int(os.environ.get("FUZZ_STEPS", "50"))
IS_NIGHT = "FUZZ_EXAMPLES" in os.environ

EXPECTED = {
    "order open", "order closed", "order canceled", "order expired", "order closed late", "attention overpaid",
    "attention paid_after_cancel", "attention partially_paid", "attention charged_back", "attention in_mediation",
    "attention refunded_outside", "attention unknown_status", "payment approved", "payment rejected",
    "payment refunded", "refund approved", "request declined",
}  # fmt: skip


@pytest.mark.django_db
def test_whatever_happens_every_peso_is_accounted_for() -> None:
    run_state_machine_as_test(
        Station,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            print_blob=True,
            derandomize=not IS_NIGHT,  # a test run must not be red by a finding that is not its own
            # Shrinking takes minutes; the steps that failed are printed either way.
            phases=[Phase.explicit, Phase.generate] + [Phase.shrink] * ("FUZZ_SHRINK" in os.environ),
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print("\n".join(f"{count:>7} {what}" for what, count in sorted(COUNTS.items())))  # noqa: T201 - `make fuzz` shows it
    assert EXPECTED - COUNTS.keys() == set(), "the examples do not come to enough"
