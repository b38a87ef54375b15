"""Where media go: from the sources to the workers of the tasks, and what these say, onto the board.

Sources call from their own threads, each worker from its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.capture.media import AudioBlock, CaptureError, Frame, Kind, Notice, Source
from app.capture.media_file import MediaFile
from app.features.tokens import Person, Token
from app.pipeline.board import Board
from app.pipeline.feed import Feed
from app.pipeline.inbox import Absent, Control, Ended, Gap, Media, Restart, Resume, Seek, Stopped
from app.pipeline.playing import Playing
from app.pipeline.sound import SoundHistory
from app.pipeline.state import Mode, Prediction
from app.pipeline.takes import Takes
from app.pipeline.tasks import KIND, ActionsLoader, load_genres
from app.pipeline.telling import Calls
from app.pipeline.worker import Worker
from app.pipeline.workers import PictureWorker, SoundWorker
from app.program import COMMAND

_SOURCE = "source"  # among the parts that a file's end waits for: the file itself
_OTHER: dict[Kind, Kind] = {"video": "audio", "audio": "video"}


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who is told, beside the board; called on the workers' threads, see `Session`."""

    prediction: Callable[[Prediction], None] | None = None
    progress: Callable[[str, float], None] | None = None
    task_ended: Callable[[str], None] | None = None
    notice: Callable[[Notice], None] | None = None


class Dispatch:
    """Receives from the sources (see `Receiver`) and from the workers.

    Parameters
    ----------
    tasks : collection of str
        Those to be loaded.
    mode : callable
        Gives the mode to predict in.
    actions : callable
        Loads the extractor and the model of actions.
    genres : path, optional
        Weights in place of those in assets.
    listeners : Listeners
    over : callable
        Called on the thread of whatever came last, when a file is through.

    Attributes
    ----------
    board : Board
    playing : Playing
    sound : SoundHistory
    workers : dict of str to Worker
        Of the tasks whose weights and extractor could be loaded; a notice says why one is missing.
    people : tuple of Person
        In the newest picture that was analysed.
    level : float
        Of the newest sound, dB of full scale; -inf for none.
    takes : Takes
        What is recorded.
    watchers : dict of str to callable
        Who is told of each token of a task, on its worker's thread; any thread may change it.
    """

    def __init__(
        self,
        tasks: Collection[str],
        mode: Callable[[], Mode],
        actions: ActionsLoader,
        genres: Path | None,
        listeners: Listeners,
        over: Callable[[], None],
    ) -> None:
        self._mode = mode
        self._listeners = listeners
        self._over = over
        self.board = Board(KIND)
        self.playing = Playing()
        self.sound = SoundHistory(bands=96)
        self.people: tuple[Person, ...] = ()
        self.level = float("-inf")
        self.takes = Takes(self.notify)
        self.watchers: dict[str, Callable[[Token], None]] = {}
        self._unused = 0  # pictures that served no tick, as last read from the extractor
        self.workers: dict[str, Worker] = {}
        if "actions" in tasks:
            self._add("actions", lambda: self._actions_worker(actions))
        if "genres" in tasks:
            self._add("genres", lambda: self._genres_worker(genres))
        for worker in self.workers.values():
            worker.start()

    def notify(self, notice: Notice) -> None:
        """Show a banner in place of the one with the same key; any thread may."""
        self.board.notify(notice)
        if self._listeners.notice is not None:
            self._listeners.notice(notice)

    def dismiss(self, key: str) -> None:
        """Take a banner away."""
        self.board.dismiss(key)

    # ---- what the sources call ----------------------------------------------------------------------------

    def on_started(self, source: Source, epoch: float) -> None:
        if "video" in source.kinds:
            self.board.reset_counters()
        tasks = self._tasks(source.kinds)
        if source.live:
            self.playing.start_live(source.kinds)
        else:
            self.playing.start_file(source.kinds, 0.0, (_SOURCE, *tasks))
        self.takes.turn()
        kept = isinstance(source, MediaFile) and source.paced
        self._control(source.kinds, Restart(source.live, epoch, kept))

    def on_stopped(self, source: Source) -> None:
        for kind in source.kinds:
            self.playing.lose(kind)
        self._control(source.kinds, Stopped())

    def on_frame(self, frame: Frame, live: bool, abandoned: threading.Event) -> None:
        self.playing.show(frame, abandoned)
        self.takes.picture(frame, abandoned)
        self._tell_absence("video", frame.time, frame.again, live)
        worker = self.workers.get("actions")
        stale = 0
        if worker is not None and live:
            stale = worker.inbox.put_frame(frame)
        elif worker is not None:
            worker.inbox.put_waiting(frame, abandoned)
        self.board.count(captured=1, skipped=stale)

    def on_audio(self, block: AudioBlock, live: bool, abandoned: threading.Event) -> None:
        self.playing.hear(block, abandoned)
        self.takes.sound(block, abandoned)
        self._tell_absence("audio", block.time, block.again, live)
        worker = self.workers.get("genres")
        if worker is not None and live:
            worker.inbox.put_sound(block)
        elif worker is not None:
            worker.inbox.put_waiting(block, abandoned)

    def on_gap(self, kind: Kind, time: float, reason: str, live: bool) -> None:
        if live:
            self.playing.lose(kind)
        self._put(frozenset([kind]), Gap(time, reason))

    def on_sought(self, kinds: frozenset[Kind], time: float) -> None:
        self.playing.start_file(kinds, time, (_SOURCE, *self._tasks(kinds)))
        self.takes.turn()
        self._control(kinds, Seek(time))

    def on_resumed(self, kinds: frozenset[Kind]) -> None:
        self.takes.turn()
        self._put(kinds, Resume())

    def on_end(self, kinds: frozenset[Kind], time: float) -> None:
        run = self.playing.run
        self._put(kinds, Ended(time, run))
        self._part_ended(_SOURCE, run)

    def _tell_absence(self, kind: Kind, time: float, again: bool, live: bool) -> None:
        """Media of one kind say how far a file is; the task of the other kind must know where it has none."""
        other = _OTHER[kind]
        if not live and self.playing.absent(other, time):
            self._put(frozenset([other]), Absent(time, again))

    def _tasks(self, kinds: frozenset[Kind]) -> list[str]:
        return [task for task in self.workers if KIND[task] in kinds]

    def _put(self, kinds: frozenset[Kind], item: Media) -> None:
        for task in self._tasks(kinds):
            self.workers[task].inbox.put(item)

    def _control(self, kinds: frozenset[Kind], item: Control) -> None:
        for task in self._tasks(kinds):
            self.workers[task].inbox.control(item)

    # ---- what the workers call ----------------------------------------------------------------------------

    def _add(self, task: str, make: Callable[[], Worker]) -> None:
        try:
            self.workers[task] = make()
        except (OSError, ValueError, ImportError, CaptureError) as error:
            self.notify(Notice(task, f"No {task}: {error}", f"`{COMMAND} doctor` says how to mend it."))

    def _actions_worker(self, load: ActionsLoader) -> Worker:
        extractor, stream = load()

        def analysed(_: Frame | AudioBlock, people: Any) -> None:
            self.people = people
            unused, self._unused = extractor.skipped - self._unused, extractor.skipped
            self.board.count(skipped=unused)

        return PictureWorker(extractor, stream, self._mode, self._calls("actions", analysed))

    def _genres_worker(self, weights: Path | None) -> Worker:
        music, stream = load_genres(weights) if weights else load_genres()

        def analysed(media: Frame | AudioBlock, heard: Any) -> None:
            assert isinstance(media, AudioBlock)
            columns, self.level = heard
            self.sound.add(media, columns)

        return SoundWorker(music, stream, self._mode, self._calls("genres", analysed))

    def _calls(self, task: str, analysed: Callable[[Frame | AudioBlock, Any], None]) -> Calls:
        def error(fault: Exception, outcome: str) -> None:
            self.notify(Notice(task, f"{task}: {type(fault).__name__}: {fault}", outcome))

        def progress(time: float) -> None:
            if self._listeners.progress is not None:
                self._listeners.progress(task, time)

        def token(made: Token) -> None:
            if watcher := self.watchers.get(task):
                watcher(made)

        return Calls(
            token=token,
            prediction=self._predicted,
            media=analysed,
            restart=lambda: self._restarted(task),
            feed=lambda feed: self._fed(task, feed),
            gap=lambda reason: self._started_anew(task, reason),
            progress=progress,
            ended=lambda run: self._part_ended(task, run),
            error=error,
        )

    def _restarted(self, task: str) -> None:
        self.board.forget(task)
        self.board.dismiss(task)
        if KIND[task] == "audio":
            self.sound.gap()

    def _fed(self, task: str, feed: Feed) -> None:
        if feed == "delivering":
            return
        self.board.silence(task)
        if KIND[task] == "video":
            self.people = ()
        else:
            self.level = float("-inf")

    def _predicted(self, prediction: Prediction) -> None:
        stream = self.workers[prediction.task].stream
        self.board.add(prediction, stream.parts(prediction))
        self.takes.prediction(prediction, stream.info)
        if self._listeners.prediction is not None:
            self._listeners.prediction(prediction)

    def _started_anew(self, task: str, reason: str) -> None:
        if KIND[task] == "audio":
            self.sound.gap()
        if reason:
            self.notify(Notice(f"gap-{task}", f"{reason.rstrip('.')}: {task} start anew.", level="info"))

    def _part_ended(self, part: str, run: int) -> None:
        counts, over = self.playing.end(part, run)
        if counts and part != _SOURCE and self._listeners.task_ended is not None:
            self._listeners.task_ended(part)
        if over:
            self._over()
