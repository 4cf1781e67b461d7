"""Numbers of several processes are added up, whatever becomes of the processes."""

import json
import multiprocessing
import os
import signal
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import Metric

from stores.metrics import Tally
from stores.snapshots import Snapshots

FORK = multiprocessing.get_context("fork")


class Process:
    """What one process counts with."""

    def __init__(self, folder: Path) -> None:
        self.registry = CollectorRegistry()
        self.sales = Counter("sales", "Sales.", ["pump"], registry=self.registry)
        self.waits = Histogram("waits", "Waits.", ["pump"], buckets=(1, 2), registry=self.registry)
        self.polls = Tally("polls", "Polls.", "answer", registry=self.registry)
        self.snapshots = Snapshots(self.registry, lambda: folder)

    def sells(self, number: int) -> None:
        self.sales.labels("1").inc(number)
        self.snapshots.write()

    def seen(self) -> dict[str, float]:
        return values(self.snapshots.collect())


def values(metrics: Any) -> dict[str, float]:
    found: list[Metric] = list(metrics)
    return {f"{s.name} {' '.join(s.labels.values())}": s.value for metric in found for s in metric.samples}


def dies(folder: Path, sales: int) -> None:
    """A process that counts and ends without a word."""

    def live() -> None:
        Process(folder).sells(sales)
        os.kill(os.getpid(), signal.SIGKILL)

    one = FORK.Process(target=live)
    one.start()
    one.join()


def test_counters_histograms_and_tallies_of_living_processes_are_added_up(tmp_path) -> None:
    first, second = Process(tmp_path), Process(tmp_path)
    for process in (first, second):
        process.waits.labels("1").observe(1.5)
        process.polls.count("order")
        process.sells(2)
    expected = {
        "sales_total 1": 4, "polls_total order": 2, "waits_bucket 1 1.0": 0, "waits_bucket 1 2.0": 2,
        "waits_bucket 1 +Inf": 2, "waits_count 1": 2, "waits_sum 1": 3,
    }  # fmt: skip
    assert first.seen() == second.seen() == expected


def test_what_killed_processes_counted_stays_counted_once(tmp_path) -> None:
    alive = Process(tmp_path)
    alive.sells(1)
    for _time in range(3):
        dies(tmp_path, 10)
    assert [alive.seen()["sales_total 1"] for _time in range(3)] == [31, 31, 31]
    dies(tmp_path, 10)
    assert alive.seen()["sales_total 1"] == 41
    assert len([*tmp_path.glob("*.json")]) == 2  # the archive and the living one's


def test_a_burial_that_was_cut_off_counts_nobody_twice(tmp_path) -> None:
    alive = Process(tmp_path)
    dies(tmp_path, 10)
    [dead] = tmp_path.glob("*.json")
    content = dead.read_text()
    assert alive.seen()["sales_total 1"] == 10
    dead.write_text(content)  # as if the power had gone between the archive and the removal
    assert alive.seen()["sales_total 1"] == 10
    assert not dead.exists()


def test_a_forked_process_has_a_file_of_its_own(tmp_path) -> None:
    parent = Process(tmp_path)
    parent.sells(1)

    def live() -> None:
        parent.sells(1)

    child = FORK.Process(target=live)
    child.start()
    child.join()
    assert child.exitcode == 0
    assert len([*tmp_path.glob("*.json")]) == 2


def test_who_counts_nothing_writes_nothing(tmp_path) -> None:
    Process(tmp_path).snapshots.write()
    assert not [*tmp_path.iterdir()]


def test_nothing_new_is_not_written_again(tmp_path) -> None:
    process = Process(tmp_path)
    process.sells(1)
    [file] = tmp_path.glob("*.json")
    file.unlink()
    process.snapshots.write()
    assert not file.exists()


def test_where_nothing_can_be_written_counting_goes_on_and_is_complained_of_once(tmp_path, caplog) -> None:
    folder = tmp_path / "metrics"
    folder.write_text("a full disk is not to be had: no folder can be made here")
    process = Process(folder)
    process.sells(1)
    process.sells(1)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    folder.unlink()
    assert process.seen()["sales_total 1"] == 2


@pytest.mark.parametrize("text", ["", "{", "[]", '{"families": {"sales": {"type": "counter"'])
def test_a_file_that_is_not_understood_hides_no_other(tmp_path, text: str) -> None:
    process = Process(tmp_path)
    process.sells(1)
    (tmp_path / "broken.json").write_text(text)
    assert process.seen()["sales_total 1"] == 1


def test_files_hold_numbers_only(tmp_path) -> None:
    process = Process(tmp_path)
    process.sells(3)
    [file] = tmp_path.glob("*.json")
    assert json.loads(file.read_text())["families"]["sales"] == {
        "type": "counter",
        "help": "Sales.",
        "samples": [["sales_total", {"pump": "1"}, 3.0]],
    }


def test_many_threads_lose_no_poll(tmp_path) -> None:
    process = Process(tmp_path)

    def poll() -> None:
        for _time in range(5000):
            process.polls.count("nothing")

    threads = [Thread(target=poll) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert process.seen()["polls_total nothing"] == 40_000
