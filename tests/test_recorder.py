"""The order and the format of what `run` writes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.pipeline.recorder import InOrder, as_row
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
        nearest=1,
        confidence=0.5,
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


def test_who_says_that_nothing_comes_holds_nobody_back():
    """Sound that starts late, has a hole or ends early tells how far it is without predictions."""
    got: list[Prediction] = []
    order = InOrder(("actions", "genres"), got.append)
    for tick in range(31):
        order.add(prediction("actions", tick, 15.0))
    assert not got
    order.reach("genres", 1.0)
    assert [p.tick for p in got] == list(range(15)), "those of 1.0 s itself may have to wait for a genre"
    order.add(prediction("genres", 3, 2.0))
    assert [(p.task, p.time) for p in got[-2:]] == [("actions", 22 / 15), ("genres", 1.5)]
    order.reach("genres", 0.5)  # nothing is taken back
    order.reach("genres", 1.9)
    assert got[-1].tick == 28
    order.end("genres")
    assert got[-1].tick == 30 and len(got) == 32


def test_rows_list_all_classes():
    info = TaskInfo("actions", ("a", "b", "c"), 15.0, 64, 0.4, {}, {})
    row = as_row(prediction("actions", 3, 15.0), info)
    assert row["top"] == [["b", 0.5], ["a", 0.25], ["c", 0.25]]
    assert (row["tick"], row["time"], row["macs_regular"]) == (3, 0.2, 2)
