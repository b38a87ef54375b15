"""The session: sources, one worker a task, and the state that the window paints or ``run`` prints.

Threads: each source delivers from its own, each task's worker takes from its inbox, and a control thread
opens and closes sources.  Whoever reads (``snapshot``, ``predictions``, ``sound``) gets values that nobody
changes afterwards.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np

from app.capture import devices
from app.capture.media import AudioBlock, CaptureError, Frame, Kind, Notice, Source
from app.capture.media_file import MediaFile
from app.features.tokens import Person
from app.pipeline.board import Board
from app.pipeline.history import History
from app.pipeline.inbox import Ended, Forget, Gap, Item, Restart, Resume, Seek, SetMode, SetStream
from app.pipeline.sound import SoundHistory
from app.pipeline.sources import DeviceOptions, Sources, choose_devices
from app.pipeline.state import Cost, Mode, Prediction, Snapshot, TaskInfo
from app.pipeline.stream import MODES
from app.pipeline.tasks import DEMO, KIND, load_actions, load_genres, load_stream
from app.pipeline.worker import Calls, PictureWorker, SoundWorker, Worker
from app.program import COMMAND
from models.continual.classifier import ContinualTransformer

_SOURCE = "source"  # among the tasks that a file's end waits for: the file itself


class Session:
    """What the window and the headless run share.

    Parameters
    ----------
    mode : {"continual", "regular", "both"}
    actions : path, optional
        Weights for the actions, with whatever extractor they want, in place of those in assets.
    tasks : collection of str
        Those to be loaded.
    on_prediction : callable, optional
        Called on a worker's thread with each prediction; in the order of the ticks within a task.
    on_task_ended : callable, optional
        Called on a worker's thread with a task's name when a file holds no more for it.

    Attributes
    ----------
    tasks : dict of str to TaskInfo
        The tasks whose weights and extractor could be loaded; a notice says why one is missing.
    """

    def __init__(
        self,
        *,
        mode: Mode = "continual",
        actions: Path | None = None,
        tasks: Collection[str] = tuple(KIND),
        on_prediction: Callable[[Prediction], None] | None = None,
        on_task_ended: Callable[[str], None] | None = None,
    ) -> None:
        self._actions = actions
        self._on_prediction = on_prediction
        self._on_task_ended = on_task_ended
        self._board = Board(KIND)
        self._mode: Mode = mode
        self._unused = 0  # pictures that served no tick, as last read from the extractor
        self._frame: Frame | None = None
        self._people: tuple[Person, ...] = ()
        self._level = float("-inf")
        self._position = 0.0
        self._source_key: str | int = 0  # a file, or which of the live sources
        self._recording: dict[str, object] = dict.fromkeys(KIND)  # what each task's history is of
        self._run = 0  # how many sources were started: a late end of an earlier file is not this one's
        self._pending: set[str] = set()
        self._loop = False
        self._ended = threading.Event()
        self._sound = SoundHistory(bands=96)
        self._workers: dict[str, Worker] = {}
        for task, make in (("actions", self._actions_worker), ("genres", self._genres_worker)):
            if task in tasks:
                self._add_worker(task, make)
        self.tasks: dict[str, TaskInfo] = {task: worker.stream.info for task, worker in self._workers.items()}
        self._sources = Sources(self)
        for worker in self._workers.values():
            worker.start()

    # ---- what a user does -------------------------------------------------------------------------------

    def open_file(self, path: Path | str) -> None:
        """Play a media file; a failure becomes a notice."""
        self._sources.do(lambda: self._sources.open(MediaFile(path, paced=True)))

    def open_demo(self) -> None:
        """Play the bundled demo clip, over and over."""
        self._sources.do(lambda: self._sources.open(MediaFile(DEMO, paced=True), demo=True))

    def open_source(self, source: Source) -> None:
        """Start a source that the caller made, before this returns."""
        self._sources.open(source)

    def set_camera(self, device: int | str | None) -> None:
        """Watch a camera by index, name or URL; None for none."""
        self._sources.do(lambda: self._sources.set_device("video", device))

    def set_microphone(self, device: int | str | None) -> None:
        """Listen to a microphone by index or name; None for none."""
        self._sources.do(lambda: self._sources.set_device("audio", device))

    def set_options(self, options: DeviceOptions) -> None:
        """Open devices with these options; those that run, too."""
        self._sources.do(lambda: self._sources.set_options(options))

    def listen(self, volume: float | None) -> None:
        """Play the sound of files through the speakers at this volume, 0 to 1; None for not at all."""
        self._sources.do(lambda: self._sources.listen(volume))

    def load_weights(self, task: str, path: Path | str) -> None:
        """Let other weights answer for a task; where they cannot, a notice says why and the old ones stay."""
        self._sources.do(lambda: self._load_weights(task, Path(path)))

    def open_devices(
        self,
        camera: int | str | None = None,
        microphone: int | str | None = None,
        preferred: tuple[str, str] = ("", ""),
    ) -> None:
        """Open a camera and a microphone; where there is neither, the demo.

        Parameters
        ----------
        camera, microphone : int or str, optional
            As for `set_camera` and `set_microphone`.
        preferred : (str, str)
            Names of last time's camera and microphone, taken where they are there and none was named,
            else the first of each.
        """

        def choose() -> None:
            chosen = choose_devices(camera, microphone, preferred)
            if chosen["camera"] is None and chosen["microphone"] is None:
                self._sources.open(MediaFile(DEMO, paced=True), demo=True)
                return
            self.set_camera(chosen["camera"])
            self.set_microphone(chosen["microphone"])
            for kind, device in chosen.items():
                if device is None:
                    remedy = "Connect one and choose it above."
                    self.notify(Notice(f"no {kind}", f"No {kind} was found.", remedy, "warning"))

        self._sources.do(choose)

    def set_mode(self, mode: Mode) -> None:
        """Change the mode from the next token on.

        Raises
        ------
        ValueError
            If ``mode`` is none of the three.
        """
        if mode not in MODES:
            raise ValueError(f"mode is {mode!r}, expected one of {', '.join(MODES)}")
        self._mode = mode
        for worker in self._workers.values():
            worker.inbox.put_first(SetMode(mode))

    def reset(self, task: str) -> None:
        """Forget what the task has seen: a new person, a new song."""
        self._workers[task].inbox.put(Forget(self._position))

    def play(self) -> None:
        """Go on with the file."""
        if file := self._sources.file:
            file.resume()

    def pause(self) -> None:
        """Hold the file."""
        if file := self._sources.file:
            file.pause()

    def replay(self) -> None:
        """Play the file from its beginning."""
        if file := self._sources.file:
            file.seek(0.0)
            file.resume()

    def seek(self, seconds: float) -> None:
        """Go to a media time of the file, exact by PTS; a time not yet reached is run up to first."""
        if file := self._sources.file:
            file.seek(seconds)

    def step_frame(self, pictures: int) -> None:
        """Hold the file and show the next picture (1) or the one before (-1)."""
        if file := self._sources.file:
            file.step(pictures)

    def set_speed(self, speed: float) -> None:
        """Play files at this multiple of their own speed, 0.25 to 4; the machine may not come up to it."""
        self._sources.set_speed(speed)

    def set_loop(self, loop: bool) -> None:
        """Let a file begin again at its end."""
        self._loop = loop

    def notify(self, notice: Notice) -> None:
        """Show a banner in place of the one with the same key; any thread may."""
        self._board.notify(notice)

    def dismiss(self, key: str) -> None:
        """Take a banner away."""
        self._board.dismiss(key)

    def frame_shown(self) -> None:
        """Count a picture that was painted."""
        self._board.count(shown=1)

    @staticmethod
    def cameras() -> list[devices.CameraInfo]:
        """The cameras of this machine; may take a second."""
        return devices.cameras()

    @staticmethod
    def microphones() -> list[devices.MicrophoneInfo]:
        """The microphones of this machine; may take a second."""
        return devices.microphones()

    def _load_weights(self, task: str, path: Path) -> None:
        worker = self._workers[task]
        key = f"weights-{task}"
        try:
            stream = load_stream(task, path, worker.extractor)
        except (OSError, ValueError) as error:
            self.notify(Notice(key, f"{path.name} is not used: {error}.", f"The old model of {task} stays."))
            return
        self.dismiss(key)
        self.tasks = self.tasks | {task: stream.info}
        worker.inbox.put_first(SetStream(stream))

    # ---- what a reader gets -----------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """The newest state."""
        sources, file = self._sources.current, self._sources.file
        return Snapshot(
            frame=self._frame,
            people=self._people if self._frame is not None else (),
            video_name=sources["video"].name if "video" in sources else "",
            audio_name=sources["audio"].name if "audio" in sources else "",
            is_file=file is not None,
            is_demo=self._sources.demo,
            playing=file is None or not (file.paused or self._ended.is_set()),
            ended=file is not None and self._ended.is_set(),
            position=self._position,
            duration=file.duration if file is not None else float("nan"),
            mode=self._mode,
            tasks=self.tasks,
            latest=self._board.latest(),
            costs=self._board.costs(),
            counters=self._board.counters(),
            level=self._level,
            notices=self._board.notices(),
            playback=file.playback if file is not None else None,
            loop=self._loop,
            path=str(file.path) if file is not None else "",
        )

    def predictions(self, task: str, since: int) -> tuple[list[Prediction], int]:
        """Predictions of ``task`` after serial ``since``, and the serial to pass the next time."""
        return self._board.predictions(task, since)

    def history(self, task: str) -> History:
        """All predictions of the recording, for the timeline."""
        return self._board.histories[task]

    def race(self, task: str) -> tuple[ContinualTransformer, np.ndarray]:
        """What a race of the two modes takes: the task's model and its newest tokens (m, F)."""
        stream = self._workers[task].stream
        return stream.model, stream.recorded()

    def sound(self, since: int) -> tuple[np.ndarray, np.ndarray, int]:
        """Mel columns (m, 96) and envelope (m, 2) after serial ``since``, see `SoundHistory.since`."""
        return self._sound.since(since)

    def cost(self, task: str) -> Cost:
        """The task's account."""
        return self._board.costs()[task]

    def wait_ended(self, timeout: float | None = None) -> bool:
        """Wait until the file is through, its last prediction included."""
        return self._ended.wait(timeout)

    def close(self, timeout: float = 3.0) -> bool:
        """Stop everything; True when every thread ended within ``timeout`` seconds.  Idempotent."""
        deadline = time.monotonic() + timeout
        ended = [worker.stop(max(0.0, deadline - time.monotonic())) for worker in self._workers.values()]
        ended.append(self._sources.close(max(0.0, deadline - time.monotonic())))
        self._ended.set()
        return all(ended)

    # ---- what the sources call ----------------------------------------------------------------------------

    def on_started(self, source: Source, epoch: float) -> None:
        self._position = 0.0
        self._run += 1
        self._source_key = str(source.path) if isinstance(source, MediaFile) else self._run
        if "video" in source.kinds:
            self._board.reset_counters()
        if "audio" in source.kinds:
            self._sound.gap()
        tasks = [task for task in self._workers if KIND[task] in source.kinds]
        if not source.live:
            self._pending = {_SOURCE, *tasks}
            self._ended.clear()
        kept = isinstance(source, MediaFile) and source.paced
        for task in tasks:
            self._workers[task].inbox.put(Restart(source.live, epoch, kept))

    def on_stopped(self, source: Source) -> None:
        if "video" in source.kinds:
            self._frame, self._people = None, ()
        if "audio" in source.kinds:
            self._level = float("-inf")
        for task, worker in self._workers.items():
            if KIND[task] in source.kinds:
                worker.inbox.drop_media()

    def on_frame(self, frame: Frame, live: bool, abandoned: threading.Event) -> None:
        self._frame, self._position = frame, frame.time
        worker = self._workers.get("actions")
        stale = 0
        if worker is not None and live:
            stale = worker.inbox.put_frame(frame)
        elif worker is not None:
            worker.inbox.put_waiting(frame, abandoned)
        self._board.count(captured=1, skipped=stale)

    def on_audio(self, block: AudioBlock, live: bool, abandoned: threading.Event) -> None:
        if "video" not in self._sources.current:
            self._position = block.time
        worker = self._workers.get("genres")
        if worker is not None and live:
            worker.inbox.put_sound(block)
        elif worker is not None:
            worker.inbox.put_waiting(block, abandoned)

    def on_gap(self, kind: Kind, time: float, reason: str) -> None:
        self._put(frozenset([kind]), Gap(time, reason))

    def on_sought(self, kinds: frozenset[Kind], time: float) -> None:
        self._position = time
        self._run += 1
        self._pending = {_SOURCE, *(task for task in self._workers if KIND[task] in kinds)}
        self._ended.clear()
        for task, worker in self._workers.items():
            if KIND[task] in kinds:
                worker.inbox.put_seek(Seek(time))

    def on_resumed(self, kinds: frozenset[Kind]) -> None:
        self._put(kinds, Resume())

    def on_end(self, kinds: frozenset[Kind], time: float) -> None:
        self._put(kinds, Ended(time, self._run))
        self._task_ended(_SOURCE, self._run)

    def _put(self, kinds: frozenset[Kind], item: Item) -> None:
        for task, worker in self._workers.items():
            if KIND[task] in kinds:
                worker.inbox.put(item)

    # ---- what the workers call -----------------------------------------------------------------------------

    def _add_worker(self, task: str, make: Callable[[], Worker]) -> None:
        try:
            self._workers[task] = make()
        except (OSError, ValueError, ImportError, CaptureError) as error:
            self.notify(Notice(task, f"No {task}: {error}", f"`{COMMAND} doctor` says how to mend it."))

    def _actions_worker(self) -> Worker:
        extractor, stream = load_actions(self._actions) if self._actions else load_actions()
        stream.mode = self._mode

        def analysed(_: Frame | AudioBlock, people: Any) -> None:
            self._people = people
            unused, self._unused = extractor.skipped - self._unused, extractor.skipped
            self._board.count(skipped=unused)

        return PictureWorker(extractor, stream, self._calls("actions", analysed))

    def _genres_worker(self) -> Worker:
        music, stream = load_genres()
        stream.mode = self._mode

        def analysed(media: Frame | AudioBlock, heard: Any) -> None:
            assert isinstance(media, AudioBlock)
            columns, self._level = heard
            self._sound.add(media, columns)

        return SoundWorker(music, stream, self._calls("genres", analysed))

    def _calls(self, task: str, analysed: Callable[[Frame | AudioBlock, Any], None]) -> Calls:
        def error(fault: Exception) -> None:
            cause = f"{task}: {type(fault).__name__}: {fault}"
            self.notify(Notice(task, cause, "It starts anew; details are in the log."))

        return Calls(
            prediction=self._predicted,
            media=analysed,
            restart=lambda: self._restarted(task),
            gap=lambda reason: self._started_anew(task, reason),
            ended=lambda run: self._task_ended(task, run),
            error=error,
        )

    def _restarted(self, task: str) -> None:
        self._board.reset_cost(task)
        # Of one source and one model; a replay writes over what stands there.
        recording = (self._source_key, self._workers[task].stream)
        if self._recording[task] != recording:
            self._recording[task] = recording
            self._board.histories[task].clear()

    def _predicted(self, prediction: Prediction) -> None:
        stream = self._workers[prediction.task].stream
        self._board.add(prediction, stream.parts(prediction))
        if self._on_prediction is not None:
            self._on_prediction(prediction)

    def _started_anew(self, task: str, reason: str) -> None:
        if KIND[task] == "audio":
            self._sound.gap()
        if reason:
            self.notify(Notice(f"gap-{task}", f"{reason.rstrip('.')}: {task} start anew.", level="info"))

    def _task_ended(self, task: str, run: int) -> None:
        if run != self._run:
            return
        self._pending.discard(task)
        if self._on_task_ended is not None and task != _SOURCE:
            self._on_task_ended(task)
        if not self._pending:
            self._ended.set()
            file = self._sources.file
            if file is not None and file.paced and (self._loop or self._sources.demo):
                file.seek(0.0)
