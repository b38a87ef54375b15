"""A task's worker: what feeds it, what stands of it, and that a fault in one part ends no other."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from app.capture.media import AudioBlock, Frame
from app.features.pictures import PictureTokens
from app.features.tokens import Token
from app.pipeline.feed import ALLOWED, changed
from app.pipeline.inbox import Absent, Control, Ended, Forget, Gap, Media, Restart, Resume, Seek, Stopped
from app.pipeline.state import Mode, Prediction
from app.pipeline.stream import TaskStream
from app.pipeline.telling import ANEW, OFF, UNTOLD, Calls
from app.pipeline.workers import PictureWorker
from tests.devices import wait_until
from tests.test_stream import FEATURES, make_stream

WINDOW = 8  # tokens: at 15 a second a picture stands for 0.53 s
FILE = Restart(live=False, epoch=0.0, kept=False)
FILM = Restart(live=False, epoch=0.0, kept=True)  # one that can be sought in


class Brightness(PictureTokens):
    """Tokens of the mean of a picture; `at_token` is called before one is made, `at_gap` at a gap."""

    size = FEATURES

    def __init__(self) -> None:
        self.at_token: Callable[[int], None] = lambda tick: None
        self.at_gap: Callable[[], None] = lambda: None
        super().__init__(15.0)

    def gap(self, time: float) -> None:
        self.at_gap()
        super().gap(time)

    def _token(self, frame: Frame, time: float, repeated: bool) -> Token:
        self.at_token(self._tick)
        vector = np.full(FEATURES, frame.image.mean() / 255, np.float32)
        return Token(self._tick, time, vector, frame.captured, repeated=repeated)


class Task:
    """A worker on a thread of its own, and all that it tells."""

    def __init__(self) -> None:
        self.extractor = Brightness()
        self.mode: Mode = "continual"
        self.predictions: list[Prediction] = []
        self.feeds: list[str] = []
        self.gaps: list[str] = []
        self.ended: list[int] = []
        self.errors: list[tuple[str, str]] = []
        self.progress: list[float] = []
        self.restarts = 0
        self.tell: Callable[[Prediction], None] = self.predictions.append
        self.worker = PictureWorker(
            self.extractor,
            make_stream(window=WINDOW),
            lambda: self.mode,
            Calls(
                token=lambda token: None,
                prediction=lambda prediction: self.tell(prediction),
                media=lambda media, seen: None,
                restart=self._restart,
                feed=self.feeds.append,
                gap=self.gaps.append,
                progress=self.progress.append,
                ended=self.ended.append,
                error=lambda error, outcome: self.errors.append((str(error), outcome)),
            ),
        )
        self.worker.start()

    def _restart(self) -> None:
        self.restarts += 1

    def do(self, *items: Media | Control) -> None:
        """Hand these over one by one, and wait until the worker is through with the last."""
        inbox = self.worker.inbox
        for item in items:
            if isinstance(item, Restart | Stopped | Seek | Forget):
                inbox.control(item)
            elif isinstance(item, Frame | AudioBlock):
                inbox.put_waiting(item, threading.Event())
            else:
                inbox.put(item)
            self.settle()

    def settle(self) -> None:
        """Wait until nothing waits and the worker is at rest: it answers an end that is asked for."""
        mark = -1 - sum(run < 0 for run in self.ended)
        self.worker.inbox.put(Ended(-1.0, mark))
        wait_until(lambda: mark in self.ended, what="the worker is at rest")

    def ticks(self) -> list[int]:
        return [one.tick for one in self.predictions]


@pytest.fixture
def task(caplog):
    caplog.set_level(logging.CRITICAL)  # the faults are meant
    made = Task()
    yield made
    assert made.worker.stop(3.0)


def picture(tick: float, again: bool = False) -> Frame:
    image = np.full((4, 4, 3), int(tick) % 200, np.uint8)
    return Frame(image, tick / 15, time.perf_counter(), again)


def pictures(*ticks: float) -> list[Frame]:
    return [picture(tick) for tick in ticks]


# ---- the feed -------------------------------------------------------------------------------------------


def test_the_feed_changes_as_its_table_says():
    for old, new in itertools.product(ALLOWED, ALLOWED):
        if old == new:
            assert not changed(old, new)
        elif new in ALLOWED[old]:
            assert changed(old, new)
        else:
            with pytest.raises(ValueError, match=f"'{new}' after '{old}', expected one of"):
                changed(old, new)
    assert ALLOWED["none"] == {"waiting"}, "nothing is delivered without a source"


def test_a_task_is_fed_as_long_as_its_source_delivers(task):
    task.do(*pictures(0, 1))  # late media of nobody
    assert not task.predictions and task.worker.feed == "none"
    task.do(FILE, *pictures(0, 1, 2))
    assert task.feeds == ["waiting", "delivering"] and task.ticks() == [0, 1]
    task.do(Stopped())
    assert task.feeds[-1] == "none" and task.restarts == 2
    task.do(*pictures(3, 4))
    assert task.ticks() == [0, 1]


def test_a_live_source_that_is_lost_feeds_no_more(task):
    task.do(Restart(live=True, epoch=time.perf_counter(), kept=False), *pictures(0, 1))
    wait_until(lambda: task.worker.feed == "lost", what="no picture for half a second")
    assert task.gaps[-1] == "No new picture for 0.5 s"
    task.do(
        Stopped(), Restart(live=True, epoch=time.perf_counter(), kept=False), picture(0), Gap(0.1, "gone")
    )
    assert task.worker.feed == "lost"


def test_where_a_film_has_no_picture_there_is_no_answer(task):
    """Its sound goes on: what was seen stands while the model looks back to it, then the picture is lost."""
    task.do(FILM, *pictures(0, 1, 2))
    assert task.ticks() == [0, 1]
    task.do(Absent(5 / 15, again=False))  # the newest picture stands in, without the next one
    assert task.ticks() == [0, 1, 2, 3, 4] and task.worker.feed == "delivering"
    task.do(Absent(3.0, again=False), Absent(9.0, again=False))
    assert task.ticks() == list(range(2 + WINDOW)) and task.worker.feed == "lost"
    assert task.gaps == ["No picture since 0.1 s"] and task.progress[-1] == 9.0
    task.do(Seek(0.1))
    assert task.ticks()[-1] == 1 and task.worker.feed == "delivering"
    task.do(Seek(5.0))
    assert task.worker.feed == "lost"
    task.do(Seek(0.2), Absent(2.0, again=True))
    assert task.worker.feed == "lost"
    task.do(Resume(), *pictures(150, 151, 152))  # it comes again
    assert task.worker.feed == "delivering"
    assert [(p.tick, p.filled) for p in task.predictions[-2:]] == [(150, 1), (151, 2)]


# ---- times that a file claims -----------------------------------------------------------------------------


@pytest.mark.parametrize("hole", [3600.0, 30 * 86400.0, 1e9])
def test_a_hole_is_a_gap_and_not_a_token_a_tick(task, hole):
    far = 15 * hole
    task.do(FILM, *pictures(0, 1, 2), *pictures(far, far + 1, far + 2), Ended((far + 3) / 15, 1))
    assert task.ticks()[: 2 + WINDOW] == list(range(2 + WINDOW))
    assert [p.filled for p in task.predictions[2 + WINDOW :]] == [1, 2, 3]
    assert len(task.gaps) == 1 and task.gaps[0].startswith("No picture from 0.1 s to ")


def test_the_end_of_a_file_is_no_token_a_tick_either(task):
    task.do(FILE, *pictures(0, 1, 2), Ended(1e9, 1))
    assert task.ticks() == list(range(2 + WINDOW)) and task.ended[-2] == 1


def test_between_two_tokens_it_is_seen_that_the_source_is_gone(task, monkeypatch):
    """An extractor that never comes to an end of its own is left when the source is."""

    def endless(frame: Frame):
        for tick in itertools.count():
            yield Token(tick, tick / 15, np.zeros(FEATURES, np.float32), 0.0)

    monkeypatch.setattr(task.extractor, "frame", endless)
    task.worker.inbox.control(FILE)
    task.worker.inbox.put_waiting(picture(0), threading.Event())
    wait_until(lambda: len(task.predictions) > 3, what="tokens")
    task.worker.inbox.control(Stopped())
    wait_until(lambda: task.worker.feed == "none", 3.0, "the worker turns to the control")


# ---- values and controls ----------------------------------------------------------------------------------


def test_the_mode_is_the_one_chosen_last_however_fast_it_changes(task):
    task.do(FILE)
    for k in range(60):
        task.mode = "regular"
        task.mode = "continual"
        task.mode = "regular" if k % 3 else "both"
        task.do(picture(k))
        assert not task.predictions or task.predictions[-1].mode == task.mode
    assert len(task.predictions) == 59


def test_the_model_is_the_one_chosen_last(task):
    task.do(FILM, *pictures(*range(6)))
    others = [make_stream(blocks=2, window=WINDOW), make_stream(window=4), make_stream(window=5)]
    for other in others:
        task.worker.use(other)
    wait_until(lambda: task.worker.stream is others[-1], what="the model is taken up without media")
    task.do(picture(6))
    assert task.predictions[-1].filled == 5


def test_controls_keep_their_order_and_go_before_media(task):
    wait = threading.Event()
    task.extractor.at_token = lambda tick: wait.wait(5.0)
    task.worker.inbox.control(FILM)
    for item in pictures(0, 1, 2, 3):
        task.worker.inbox.put_waiting(item, threading.Event())
    wait_until(lambda: task.worker.feed == "delivering", what="the first picture")
    task.worker.inbox.control(Seek(0.1))
    task.worker.inbox.control(Stopped())
    task.worker.inbox.control(FILE)
    wait.set()
    task.settle()
    assert task.feeds == ["waiting", "delivering", "none", "waiting"] and task.restarts == 3


# ---- faults -----------------------------------------------------------------------------------------------


def fail(*_: object) -> None:
    raise RuntimeError("injected")


def fail_at(*ticks: int) -> Callable[[int], None]:
    return lambda tick: fail() if tick in ticks else None


def test_a_fault_of_the_extractor_starts_the_task_anew(task):
    task.extractor.at_token = fail_at(3)
    task.do(FILE, *pictures(*range(8)), Ended(8 / 15, 1))
    assert task.errors == [("injected", ANEW)]
    assert [(p.tick, p.filled) for p in task.predictions] == [(0, 1), (1, 2), (2, 3), (5, 1), (6, 2), (7, 3)]


def test_where_it_cannot_start_anew_it_stays_off_and_the_end_still_comes(task):
    task.do(FILE, *pictures(0, 1))
    task.extractor.at_token = task.extractor.at_gap = fail
    task.do(*pictures(2, 3, 4), Ended(1.0, 7))
    assert task.errors == [("injected", OFF)] and task.ended[-2] == 7
    assert task.worker.feed == "lost" and task.ticks() == [0]
    assert task.progress == [3 / 15, 4 / 15], "whoever waits for its answers is told that there are none"
    task.extractor.at_token = task.extractor.at_gap = lambda *_: None
    task.do(FILE, *pictures(0, 1, 2))  # another source: it is tried again
    assert task.ticks() == [0, 0, 1] and task.worker.feed == "delivering"


def test_a_fault_of_the_model_costs_that_prediction_and_no_token(task, monkeypatch):
    step = TaskStream.step
    monkeypatch.setattr(TaskStream, "step", lambda self, t: fail() if t.tick == 3 else step(self, t))
    gaps: list[int] = []
    task.do(FILE, *pictures(0))
    task.extractor.at_gap = lambda: gaps.append(1)
    task.do(*pictures(*range(1, 8)), Ended(8 / 15, 1))
    assert task.errors == [("injected", ANEW)] and not gaps and task.progress == [3 / 15]
    assert [p.filled for p in task.predictions] == [1, 2, 3, 1, 2, 3, 4]


def test_a_fault_of_who_listens_is_no_fault_of_the_task(task):
    heard: list[Prediction] = []

    def listen(prediction: Prediction) -> None:
        heard.append(prediction)
        fail()

    task.tell = listen
    task.do(FILE, *pictures(*range(6)), Ended(6 / 15, 1))
    assert [p.filled for p in heard] == [1, 2, 3, 4, 5, 6] and task.ended[-2] == 1
    assert set(task.errors) == {("injected", UNTOLD)}
