"""The stateful property test. `make fuzz` plays many more examples than a test run does."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fuzz.machine import Station

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "100"))
STEPS = int(os.environ.get("FUZZ_STEPS", "50"))
IS_NIGHT = "FUZZ_EXAMPLES" in os.environ


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
