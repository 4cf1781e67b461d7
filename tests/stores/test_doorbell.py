import multiprocessing
import time
from threading import Event

import pytest

from stores.doorbell import Doorbell, in_messages


def test_who_rings_does_not_wait_and_who_is_woken_hears_of_all_at_once() -> None:
    heard: list[list[int]] = []
    is_open, is_busy = Event(), Event()

    def wake(numbers: list[int]) -> None:
        heard.append(numbers)
        is_busy.set()
        is_open.wait(5)

    doorbell = Doorbell(wake)
    doorbell.ring(1)
    assert is_busy.wait(5)
    begin = time.monotonic()
    for number in range(2, 12):
        doorbell.ring(number)
    assert time.monotonic() - begin < 1
    is_open.set()
    assert doorbell.flush(5)
    assert heard == [[1], [*range(2, 12)]]


def test_what_cannot_be_told_is_forgotten_and_later_rings_are_heard(caplog) -> None:
    heard: list[list[int]] = []

    def wake(numbers: list[int]) -> None:
        heard.append(numbers)
        if len(heard) == 1:
            raise ConnectionError("the broker is away")

    doorbell = Doorbell(wake)
    doorbell.ring(1)
    assert doorbell.flush(5)
    doorbell.ring(2)
    assert doorbell.flush(5)
    assert heard == [[1], [2]]
    assert "the broker is away" in caplog.text


def test_what_waits_for_a_broker_that_hangs_has_a_limit() -> None:
    is_open, heard = Event(), []

    def wake(numbers: list[int]) -> None:
        heard.append(len(numbers))
        is_open.wait(5)

    doorbell = Doorbell(wake)
    for number in range(5000):
        doorbell.ring(number)
    assert not doorbell.flush(0)
    is_open.set()
    assert doorbell.flush(5)
    assert sum(heard) <= 2000


def test_a_process_that_was_forked_rings_for_itself() -> None:
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    doorbell = Doorbell(queue.put)
    doorbell.ring(1)
    assert doorbell.flush(5)
    assert queue.get(timeout=5) == [1]

    def ring() -> None:
        doorbell.ring(2)
        doorbell.flush(5)

    child = context.Process(target=ring)
    child.start()
    assert queue.get(timeout=5) == [2]
    child.join(5)


@pytest.mark.parametrize(("how_many", "sizes"), [(0, []), (1, [1]), (4, [1] * 4), (5, [5]), (23, [10, 10, 3])])
def test_a_few_get_a_message_each_and_many_share_them(how_many, sizes) -> None:
    messages = list(in_messages(range(how_many)))
    assert [len(message) for message in messages] == sizes
    assert [number for message in messages for number in message] == list(range(how_many))
