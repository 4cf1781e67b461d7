"""Who is asked about while Mercado Pago, or only one account's part of it, does not answer."""

import socket
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
import requests

import gateway.asking
from gateway.breaker import ALL, FAILURES, LONGEST, ONE, SLOW, SLOW_ALL, SLOW_ONE, TRIES, Breaker, Pass, Process, State
from gateway.client import Client
from gateway.errors import GatewayError, NotAsked, NotFound, TemporaryError, Unauthorized

API = "https://api.mercadopago.com"
NO_ANSWER = TemporaryError("no answer")
SICK = TemporaryError("sick", status=503)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def process(clock: Clock) -> Process:
    return Process(clock=clock, patience=0, jitter=lambda: 1.0)


@pytest.fixture
def one(process: Process) -> Breaker:
    return process.of(1)


def fail(one: Breaker, *, times: int = FAILURES, error: TemporaryError = SICK) -> None:
    for _ in range(times):
        one.enter().leave(answered=error.status > 0, error=error)


def answer(one: Breaker, error: GatewayError | None = None) -> None:
    one.enter().leave(answered=True, error=error)


def begin(one: Breaker, calls: int) -> list[Pass]:
    return [one.enter() for _ in range(calls)]


def is_asked(one: Breaker) -> bool:
    """Tries it with a call that comes to neither an answer nor an error."""
    try:
        one.enter().leave(answered=False, error=None)
    except NotAsked:
        return False
    return True


def state(one: Breaker) -> State:
    return one.process.states()[one.key]


@pytest.mark.parametrize("error", [SICK, NO_ANSWER, TemporaryError("no JSON", status=200)])
def test_some_failures_in_a_row_open_it_and_calls_fail_at_once(one, error) -> None:
    fail(one, times=FAILURES - 1, error=error)
    assert state(one) is State.CLOSED
    fail(one, times=1, error=error)
    assert state(one) is State.OPEN
    with pytest.raises(NotAsked, match="no answers since") as refused:
        one.enter()
    assert refused.value.retry_after == 2
    assert refused.value.since is not None


@pytest.mark.parametrize("error", [NotFound("no", status=404), Unauthorized("no", status=401),
                                   TemporaryError("locked", status=423), None])  # fmt: skip
def test_an_answer_of_any_kind_is_no_sign_of_sickness(one, error) -> None:
    for _ in range(3):
        fail(one, times=FAILURES - 1)
        answer(one, error)
    assert state(one) is State.CLOSED


def test_after_the_pause_one_call_tries_and_the_others_wait_for_it(one, clock) -> None:
    fail(one)
    clock.now += 2
    assert state(one) is State.HALF_OPEN
    trying = one.enter()
    assert not is_asked(one)
    trying.leave(answered=True, error=None)
    assert state(one) is State.CLOSED
    assert is_asked(one)


def test_pauses_grow_to_some_seconds_and_begin_anew_after_an_answer(one, clock) -> None:
    pauses = []
    fail(one)
    for _ in range(5):
        pauses.append(one.ends - clock.now)
        clock.now = one.ends
        fail(one, times=1)
    assert pauses == [2, 4, 8, LONGEST, LONGEST]
    clock.now = one.ends
    answer(one)
    fail(one)
    assert one.ends - clock.now == 2


def test_pauses_differ_between_processes() -> None:
    pauses = set()
    for _ in range(20):
        one = Process(clock=lambda: 0.0).of(1)
        fail(one)
        pauses.add(one.ends)
    assert len(pauses) > 1
    assert all(1.4 <= pause <= 2 for pause in pauses)


def test_calls_that_had_begun_before_do_not_lengthen_the_pause_and_one_answer_ends_it(one, clock) -> None:
    late = begin(one, 2)
    fail(one)
    ends = one.ends
    late[0].leave(answered=False, error=NO_ANSWER)
    assert one.ends == ends
    late[1].leave(answered=True, error=None)
    assert state(one) is State.CLOSED


def test_a_try_that_comes_to_nothing_here_lets_the_next_one_try(one, clock) -> None:
    fail(one)
    clock.now += 2
    assert is_asked(one)
    assert state(one) is State.HALF_OPEN
    assert is_asked(one)


def test_429_is_left_alone_for_as_long_as_it_asks(one, clock) -> None:
    late = one.enter()
    fail(one, times=1, error=TemporaryError("too many", status=429, retry_after=60))
    late.leave(answered=True, error=None)
    clock.now += 59
    with pytest.raises(NotAsked, match="too many calls") as refused:
        one.enter()
    assert (refused.value.since, refused.value.retry_after) == (None, 1)
    clock.now += 1
    answer(one)
    assert state(one) is State.CLOSED


def test_a_healthy_account_has_most_of_a_process_and_never_all_of_it(process, one) -> None:
    begin(one, ONE)
    assert not is_asked(one)
    begin(process.of(2), ALL - ONE)
    assert not is_asked(process.of(2))


def test_of_a_slow_account_a_few_calls_wait_and_others_go_on(process, one, clock) -> None:
    waiting = begin(one, SLOW_ONE)
    assert is_asked(one)
    clock.now += SLOW + 0.1
    with pytest.raises(NotAsked, match="too many calls at once") as refused:
        one.enter()
    assert refused.value.since is None
    begin(process.of(2), ALL - SLOW_ONE)
    for taken in waiting:
        taken.leave(answered=True, error=None)
    begin(one, SLOW_ONE)  # slow, and well
    assert not is_asked(one)


def test_all_that_are_slow_leave_room_for_who_is_not(process, clock) -> None:
    for key in range(SLOW_ALL):
        process.of(key).enter()
    clock.now += SLOW + 0.1
    assert not is_asked(process.of(0))
    assert is_asked(process.of("well"))


def test_one_that_answers_fast_again_has_its_room_again(one, clock) -> None:
    taken = one.enter()
    clock.now += SLOW + 0.1
    taken.leave(answered=True, error=None)
    answer(one)
    begin(one, ONE)


def test_a_place_is_waited_for_where_answers_are_fast() -> None:
    one = Process(patience=10).of(1)
    held = begin(one, ONE)
    is_in = Event()

    def wait() -> None:
        one.enter()
        is_in.set()

    with ThreadPoolExecutor() as pool:
        waits = pool.submit(wait)
        assert not is_in.wait(0.05)
        held[0].leave(answered=True, error=None)
        waits.result(5)


def test_when_nobody_is_answered_a_few_calls_try_for_all_and_the_first_answer_is_for_everybody(process, clock) -> None:
    accounts = [process.of(key) for key in range(4)]
    for one in accounts[:2]:
        fail(one)
    begin(accounts[2], TRIES)  # was never asked about: no reason to be left alone but all others
    with pytest.raises(NotAsked, match="no answers since"):
        accounts[3].enter()
    assert process.rations()[0] == process.rations()[1] == 0
    clock.now += 2
    assert sum(process.rations()[key] for key in (0, 1)) == TRIES
    accounts[2].process._under_way[0].leave(answered=True, error=None)
    assert [state(one) for one in accounts[:2]] == [State.CLOSED, State.CLOSED]
    assert process.rations() == {}


def test_one_sick_account_is_not_taken_for_everybody(process) -> None:
    fail(process.of(1))
    answer(process.of(2))
    fail(process.of(3))
    begin(process.of(2), ONE)
    assert state(process.of(1)) is state(process.of(3)) is State.OPEN


def test_what_is_woken_of_an_account_is_rationed_only_while_it_is_not_well(process, one, clock) -> None:
    answer(one)
    assert process.rations() == {}
    fail(one)
    assert process.rations() == {1: 0}
    clock.now += 2
    assert process.rations() == {1: 1}
    answer(one)
    one.enter()
    clock.now += SLOW + 0.1
    assert process.rations() == {1: 2 * SLOW_ONE}


def test_it_is_told_when_it_opens_and_when_it_closes(process, clock) -> None:
    told: list[Any] = []
    one = process.of(1, tell=told.append)
    fail(one)
    [since] = told
    assert since is not None
    clock.now += 2
    answer(one)
    answer(one)
    assert told == [since, None]


def test_the_end_of_what_another_process_told_is_told(process) -> None:
    told: list[Any] = []
    one = process.of(1, tell=told.append)
    answer(one)
    one.is_told = True
    answer(one)
    assert told == [None]


def test_the_client_makes_no_call_that_is_not_let_pass_and_tells_nobody_of_one(one, mercado_pago) -> None:
    seen: list[Any] = []
    client = Client(base_url=API, access_token="APP_USR-1", user_id=1, observe=seen.append, breaker=one)
    mercado_pago.post(f"{API}/v1/payments/1/refunds", status=503, json={})
    for _ in range(FAILURES):
        with pytest.raises(TemporaryError):
            client.refund(1, amount=None, key="k")
    with pytest.raises(NotAsked):
        client.refund(1, amount=None, key="k")
    assert len(mercado_pago.calls) == len(seen) == FAILURES


def test_a_client_with_answers_stays_closed(one, mercado_pago) -> None:
    client = Client(base_url=API, access_token="APP_USR-1", user_id=1, breaker=one)
    mercado_pago.get(f"{API}/merchant_orders/1", status=404, json={})
    for _ in range(2 * FAILURES):
        with pytest.raises(NotFound):
            client.get_merchant_order(1)
    assert state(one) is State.CLOSED
    assert not one.process._under_way


def test_who_does_not_answer_in_time_is_not_asked_again_at_once(monkeypatch) -> None:
    monkeypatch.setattr(gateway.asking, "TIMEOUT", (1, 0.1))
    with socket.create_server(("127.0.0.1", 0)) as hangs:
        client = Client(base_url=f"http://127.0.0.1:{hangs.getsockname()[1]}", access_token="APP_USR-1", user_id=1)
        with pytest.raises(TemporaryError) as failed:
            client.get_merchant_order(1)
        assert isinstance(failed.value.__cause__, requests.ReadTimeout)
        hangs.settimeout(0.3)
        hangs.accept()[0].close()
        with pytest.raises(TimeoutError):
            hangs.accept()
