"""The order and the format of what `run` writes."""

from __future__ import annotations

import contextlib
import io
import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.pipeline.recorder import InOrder, JsonLines
from app.pipeline.state import Prediction, TaskInfo


def prediction(task: str, tick: int, rate: float) -> Prediction:
    return Prediction(
        task=task,
        tick=tick,
        time=tick / rate,
        mode="continual",
        probabilities=np.array([0.25, 0.5, 0.25], np.float32),
        label="b",
        confident=True,
        status="",
        repeated=False,
        unavailable=(),
        filled=1,
        macs=1,
        macs_regular=2,
        seconds=0.1,
        seconds_regular=None,
        max_delta=None,
        delta_bound=None,
        latency=0.0,
    )


@given(st.lists(st.booleans(), min_size=0, max_size=60), st.integers(0, 8), st.integers(0, 30))
def test_any_interleaving_of_the_workers_gives_one_order(turns, genres, actions):
    got: list[Prediction] = []
    order = InOrder(("actions", "genres"), got.append)
    left = {
        "genres": [prediction("genres", k, 2.0) for k in range(genres)],
        "actions": [prediction("actions", k, 15.0) for k in range(actions)],
    }
    for turn in [*turns, *[True, False] * (genres + actions)]:
        line = left["genres" if turn else "actions"]
        if line:
            order.add(line.pop(0))
    order.end("actions")
    order.end("genres")
    assert len(got) == genres + actions
    assert [(p.time, p.task) for p in got] == sorted((p.time, p.task) for p in got)


def test_a_prediction_waits_for_the_slower_task_and_no_longer():
    got: list[Prediction] = []
    order = InOrder(("actions", "genres"), got.append)
    order.add(prediction("actions", 0, 15.0))
    assert not got
    order.add(prediction("genres", 0, 2.0))
    assert [p.task for p in got] == ["actions"]
    order.end("actions")
    assert [p.task for p in got] == ["actions", "genres"]


def test_rows_list_all_classes_and_keep_whole_lines():
    info = TaskInfo("actions", ("a", "b", "c"), 15.0, 64, 0.4, {}, {})
    out = io.StringIO()
    lines = JsonLines(out, {"actions": info})
    lines.prediction(prediction("actions", 3, 15.0))
    lines.summary({"ratio": float("nan")})
    row, last = (json.loads(line) for line in out.getvalue().splitlines())
    assert row["top"] == [["b", 0.5], ["a", 0.25], ["c", 0.25]]
    assert (row["tick"], row["time"], row["macs_regular"]) == (3, 0.2, 2)
    assert last == {"summary": {"ratio": None}}


def test_a_full_disk_is_an_error_not_an_exception():
    info = TaskInfo("actions", ("a", "b", "c"), 15.0, 64, 0.4, {}, {})
    with open("/dev/full", "w") as full:
        lines = JsonLines(full, {"actions": info})
        lines.prediction(prediction("actions", 0, 15.0))
        assert lines.error is not None and "space" in str(lines.error)
        with contextlib.suppress(OSError):  # the buffer cannot be written: that is what was tested
            full.close()
