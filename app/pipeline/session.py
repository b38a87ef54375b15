"""The session: sources, one worker a task, and the state that the window paints or ``run`` prints.

Threads: each source delivers from its own, each task's worker takes from its inbox, and a control thread
opens and closes sources.  Whoever reads (``snapshot``, ``predictions``, ``sound``) gets values that nobody
changes afterwards.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

import numpy as np

from app.capture import devices
from app.capture.media import Kind, Notice, Source
from app.capture.media_file import MediaFile
from app.features.tokens import Token
from app.pipeline.dispatch import Dispatch, Listeners
from app.pipeline.history import History
from app.pipeline.inbox import Forget
from app.pipeline.memory import bound_heaps
from app.pipeline.priority import stand_back
from app.pipeline.sources import DeviceOptions, Sources, choose_devices
from app.pipeline.state import Cost, Mode, Prediction, Snapshot, TaskInfo
from app.pipeline.stream import MODES
from app.pipeline.tasks import ACTIONS, DEMO, KIND, ActionsLoader, load_actions, load_stream
from models.continual.classifier import ContinualTransformer


class Session:
    """What the window and the headless run share.

    Parameters
    ----------
    mode : {"continual", "regular", "both"}
    actions : path or callable, optional
        Weights for the actions, with whatever extractor they want, in place of those in assets; or what loads
        them.
    genres : path, optional
        Weights for the genres, in the same way.
    tasks : collection of str
        Those to be loaded.
    epoch : float, optional
        Monotonic time from which live media time counts, for sessions that share a clock; by default the
        start of the first live source.
    on_prediction : callable, optional
        Called on a worker's thread with each prediction; in the order of the ticks within a task.
    on_progress : callable, optional
        Called on a worker's thread with a task's name and a media time before which no prediction follows.
    on_task_ended : callable, optional
        Called on a worker's thread with a task's name when a file holds no more for it.
    on_notice : callable, optional
        Called with each notice, on whatever thread it comes from.
    """

    def __init__(
        self,
        *,
        mode: Mode = "continual",
        actions: Path | ActionsLoader | None = None,
        genres: Path | None = None,
        tasks: Collection[str] = tuple(KIND),
        epoch: float | None = None,
        on_prediction: Callable[[Prediction], None] | None = None,
        on_progress: Callable[[str, float], None] | None = None,
        on_task_ended: Callable[[str], None] | None = None,
        on_notice: Callable[[Notice], None] | None = None,
    ) -> None:
        bound_heaps()  # before threads of ours begin
        self._mode: tuple[Mode, float] = mode, time.perf_counter()  # as chosen, and when
        self._loop = False
        self._hastened = False  # whether streams step by what is compiled, as soon as it is
        listeners = Listeners(on_prediction, on_progress, on_task_ended, on_notice)
        load = actions if callable(actions) else partial(load_actions, actions or ACTIONS)
        self._dispatch = Dispatch(tasks, lambda: self._mode[0], load, genres, listeners, self._file_is_over)
        self._board, self._playing = self._dispatch.board, self._dispatch.playing
        self._workers, self._takes = self._dispatch.workers, self._dispatch.takes
        self._sources = Sources(self._dispatch, epoch)

    # ---- what a user does -------------------------------------------------------------------------------

    def open_file(self, path: Path | str) -> None:
        """Play a media file; a failure becomes a notice."""
        self._sources.do(lambda: self._sources.open(MediaFile(path, paced=True)))

    def open_demo(self) -> None:
        """Play the bundled demo clip, over and over."""
        self._sources.do(lambda: self._sources.open(MediaFile(DEMO, paced=True), demo=True))

    def choose_stream(self, kind: Kind, index: int) -> None:
        """Play the file from its beginning with another of its streams, one of the snapshot's."""

        def choose() -> None:
            if (file := self._sources.file) is not None:
                other = MediaFile(file.path, paced=True, wanted=file.wanted | {kind: index})
                self._sources.open(other, demo=self._sources.demo)

        self._sources.do(choose)

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

    def watch_tokens(self, task: str, watcher: Callable[[Token], None] | None) -> None:
        """Tell somebody of each token of a task, on its worker's thread, in place of whoever was told."""
        if watcher is None:
            self._dispatch.watchers.pop(task, None)
        else:
            self._dispatch.watchers[task] = watcher

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
        self._mode = mode, time.perf_counter()

    def hasten(self) -> None:
        """Compile on this thread what may step faster; the streams go on meanwhile and then take it."""
        stand_back()
        self._hastened = True
        for worker in self._workers.values():
            worker.stream.hasten()

    def reset(self, task: str) -> None:
        """Forget what the task has seen: a new person, a new song."""
        self._workers[task].inbox.control(Forget(self._playing.position))

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

    def record(self, folder: Path, parts: Collection[str]) -> bool:
        """Record from now on, in place of what was recorded until now; whether it could be begun.

        Parameters
        ----------
        folder : Path
            Made for it.
        parts : collection of {"film", "csv", "lines"}
        """
        return self._takes.begin(folder, parts, self.tasks, self._runs_ahead)

    def stop_recording(self) -> None:
        """Record no more; what came until now is still written, and then told."""
        self._takes.finish()

    def _runs_ahead(self) -> bool:
        file = self._sources.file
        return file is not None and not math.isnan(file.playback.catching_up)

    def notify(self, notice: Notice) -> None:
        """Show a banner in place of the one with the same key; any thread may."""
        self._dispatch.notify(notice)

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
        if self._hastened:
            stream.hasten()
        worker.use(stream)

    def _file_is_over(self) -> None:
        file = self._sources.file
        if file is not None and file.paced and (self._loop or self._sources.demo):
            file.seek(0.0)

    # ---- what a reader gets -----------------------------------------------------------------------------

    @property
    def tasks(self) -> dict[str, TaskInfo]:
        """The tasks whose weights and extractor could be loaded; a notice says why one is missing."""
        return {task: worker.stream.info for task, worker in self._workers.items()}

    def snapshot(self) -> Snapshot:
        """The newest state."""
        sources, file, frame = self._sources.current, self._sources.file, self._playing.frame
        over = self._playing.over
        chosen, since = self._mode
        return Snapshot(
            frame=frame,
            people=self._dispatch.people if frame is not None else (),
            video_name=sources["video"].name if "video" in sources else "",
            audio_name=sources["audio"].name if "audio" in sources else "",
            is_file=file is not None,
            is_demo=self._sources.demo,
            playing=file is None or not (file.paused or over),
            ended=file is not None and over,
            position=self._playing.position,
            duration=file.duration if file is not None else float("nan"),
            mode=self._board.mode_since(since) or chosen,
            tasks=self.tasks,
            latest=self._board.latest(),
            costs=self._board.costs(),
            counters=self._board.counters(),
            level=self._dispatch.level,
            notices=self._board.notices(),
            playback=file.playback if file is not None else None,
            loop=self._loop,
            path=str(file.path) if file is not None else "",
            streams=file.streams if file is not None else (),
            chosen=file.chosen if file is not None else {},
            feeds={task: worker.feed for task, worker in self._workers.items()},
            take=self._takes.state,
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
        return self._dispatch.sound.since(since)

    def cost(self, task: str) -> Cost:
        """The task's account."""
        return self._board.costs()[task]

    def wait_ended(self, timeout: float | None = None) -> bool:
        """Wait until the file is through, its last prediction included."""
        return self._playing.wait(timeout)

    def close(self, timeout: float = 3.0) -> bool:
        """Stop everything; True when every thread ended within ``timeout`` seconds.  Idempotent."""
        deadline = time.perf_counter() + timeout
        ended = [worker.stop(max(0.0, deadline - time.perf_counter())) for worker in self._workers.values()]
        ended.append(self._sources.close(max(0.0, deadline - time.perf_counter())))
        ended.append(self._takes.close(max(2.0, deadline - time.perf_counter())))
        self._playing.release()
        return all(ended)
