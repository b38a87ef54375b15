"""A day on, in short: the real window for hours, while devices die and come back and somebody plays with it.

    make soak HOURS=3                                   on a screen of its own
    python -m tests.soak --hours 1 --speed 4 --out DIR  on the screen there is

A looping network camera and a microphone that hears music carry marks of the wall clock: a white block at
the foot of the picture stands where the four seconds are, and a high beep sounds when they begin.  So what
the session takes for the time of picture and sound is measured against the truth, buffers included.

Every minute is a row of ``soak.csv``; ``soak.png`` shows them; the last line is the verdict, and the exit
code says the same.  ``--speed`` divides the time between what happens, not the minutes.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import itertools
import os
import queue
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

import app.ui
from app.capture.media import AudioBlock, Frame, Source
from app.pipeline.session import Session
from app.pipeline.sources import Receiver
from app.pipeline.state import Prediction
from app.settings import Settings
from app.ui.main_window import MainWindow
from app.ui.window_bench import rss
from tests.devices import CameraServer, SoundServer, ffmpeg
from tests.soak_report import SETTLED, append, report
from tests.windows import our_threads

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "assets" / "demo.mp4"
PERIOD = 4.0  # seconds of the wall clock that the marks tell
BLOCK = 16  # pixels of the white mark
BEEP = 7_000.0  # Hz
PICTURE_MARK = (
    f"color=white:s={BLOCK}x12:d=0.1:r=10[mark];[in]setpts=RTCTIME/(TB*1000000)[film];"
    f"[film][mark]overlay=x='mod(t,{PERIOD})/{PERIOD}*(W-w)':y=H-h,setpts=N/(15*TB)[out]"
)
SOUND_MARK = (
    f"[1:a]asetpts=RTCTIME/(TB*1000000),volume='if(lt(mod(t,{PERIOD}),0.1),0.5,0)':eval=frame,"
    "asetpts=N/(SR*TB)[beep];[0:a]aresample=44100,aformat=channel_layouts=mono[music];"
    "[music][beep]amix=duration=first:normalize=0"
)
ENOUGH = 5  # marks a minute, to tell how late they are
COMES_BACK = (
    60.0  # seconds within which a device that is there again must be answered to; times who wants a core
)


class Marks:
    """How late picture and sound are taken for, by their marks.

    Attributes
    ----------
    lags : dict of {"video", "audio"} to list of float
        Seconds from what the wall clock was to what the media time says that it was.
    """

    def __init__(self) -> None:
        self.lags: dict[str, list[float]] = {"video": [], "audio": []}
        self._quiet_until = 0.0

    def see(self, frame: Frame, wall: float) -> None:
        """Read a picture that the session places at this time of the wall clock."""
        row = frame.image[-8:].min(axis=(0, 2)).astype(float)
        smooth = np.convolve(row, np.full(BLOCK, 1 / BLOCK), "valid")
        if smooth.max() > 200:
            said = int(smooth.argmax()) / (len(smooth) - 1) * PERIOD
            self.lags["video"].append((wall - said + 0.5) % PERIOD - 0.5)

    def hear(self, block: AudioBlock, wall: float) -> None:
        """Listen to a block that the session places at this time of the wall clock."""
        length = round(0.005 * block.rate)
        parts = block.samples[: len(block.samples) // length * length].reshape(-1, length)
        turns = np.exp(-2j * np.pi * BEEP / block.rate * np.arange(length))
        loud = np.flatnonzero(np.abs(parts @ turns) / length > 0.015)
        if len(loud):
            onset = wall + loud[0] * length / block.rate
            if onset > self._quiet_until:
                self.lags["audio"].append((onset + 0.5) % PERIOD - 0.5)
            self._quiet_until = onset + 1.0

    def take(self) -> dict[str, float]:
        """The early quartile of each kind since the last call: what load delays is no drift."""
        taken, self.lags = self.lags, {"video": [], "audio": []}
        return {
            kind: float(np.quantile(lags, 0.25)) if len(lags) > 9 else np.nan for kind, lags in taken.items()
        }


class Tap:
    """Stands between the sources and the session, and shows the live media to the marks."""

    def __init__(self, receiver: Receiver, marks: Marks) -> None:
        self._receiver = receiver
        self._marks = marks
        self._zero = 0.0  # the wall clock's time at media time 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._receiver, name)

    def on_started(self, source: Source, epoch: float) -> None:
        self._zero = epoch + time.time() - time.monotonic()
        self._receiver.on_started(source, epoch)

    def on_frame(self, frame: Frame, live: bool, abandoned: threading.Event) -> None:
        if live:
            self._marks.see(frame, frame.time + self._zero)
        self._receiver.on_frame(frame, live, abandoned)

    def on_audio(self, block: AudioBlock, live: bool, abandoned: threading.Event) -> None:
        if live:
            self._marks.hear(block, block.time + self._zero)
        self._receiver.on_audio(block, live, abandoned)


class Soak:
    """What happens, and what is measured meanwhile.

    Parameters
    ----------
    seconds : float
    speed : float
        Divides the time between events.
    folder, out : Path
        Of the devices and files that are made, and of the table.
    data : Path or None
        Folder with ``video`` and ``music``; without it the demo is all there is.
    """

    def __init__(self, seconds: float, speed: float, folder: Path, out: Path, data: Path | None) -> None:
        self._seconds, self._speed = seconds, speed
        self._folder, self._out = folder, out
        self._marks = Marks()
        self._lateness: dict[str, list[float]] = defaultdict(list)
        self._answered: dict[str, float] = {}  # when each task answered last
        self._events: list[str] = []
        self._slow: list[str] = []  # devices that were there again and not answered to
        self._todo: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()  # for the window's thread
        self._over = threading.Event()
        self.rows: list[dict[str, object]] = []
        self._kinds: Counter[str] = Counter()  # objects that the garbage collector knows of
        self._music, self._films = self._material(data)
        film = folder / "camera.mkv"
        ffmpeg("-i", self._films[-1], "-an", "-t", "120", "-vf", "fps=15,scale=480:-2", "-q:v", "4", film)
        self._camera = CameraServer(str(film), PICTURE_MARK)
        self._sound = SoundServer(folder)
        self.session: Session | None = None

    def _material(self, data: Path | None) -> tuple[Path, list[Path]]:
        hour = self._folder / "hour.avi"
        ffmpeg(
            *("-f", "lavfi", "-i", "testsrc=s=160x120:r=5:d=3600", "-f", "lavfi", "-i", "sine=220:d=3600"),
            *("-c:v", "mpeg4", "-g", "50", "-c:a", "pcm_s16le", "-ar", "16000", hour),
        )
        if data is None:
            return DEMO, [hour, DEMO]
        music = sorted((data / "music").glob("*.ogg"))
        films = [path for path in sorted((data / "video").iterdir()) if path.suffix in (".mp4", ".avi")]
        return music[-1], [hour, DEMO, music[0], *films]

    def start(self) -> None:
        """Start the devices, then a session on them."""
        os.environ["PULSE_SERVER"] = self._sound.address
        os.environ["XDG_RUNTIME_DIR"] = str(self._folder)
        self._start_sound()
        self._camera.start()
        self.session = Session(on_prediction=self._predicted)
        self.session._sources._receiver = Tap(self.session._sources._receiver, self._marks)
        self.session.open_devices(self._camera.url, SoundServer.MICROPHONE)

    def _start_sound(self) -> None:
        self._sound.start()
        beep = ("-f", "lavfi", "-i", f"sine={BEEP}:r=44100:samples_per_frame=256")
        self._sound.stream("-stream_loop", "-1", "-i", str(self._music), *beep, "-filter_complex", SOUND_MARK)

    def begin(self, window: MainWindow) -> None:
        """Let it happen to this window."""
        pump = QTimer(window)
        pump.timeout.connect(self._pump)
        pump.start(50)
        self._window = window
        threading.Thread(target=self._drive, name="soak", daemon=True).start()
        threading.Thread(target=self._measure, name="soak-minutes", daemon=True).start()

    def close(self) -> None:
        """End the devices."""
        self._camera.close()
        self._sound.close()

    def verdict(self) -> list[str]:
        """What is wrong that the rows do not show."""
        left = our_threads()
        return self._slow + ([f"threads left: {', '.join(left)}"] if left else [])

    def _predicted(self, prediction: Prediction) -> None:
        self._answered[prediction.task] = time.monotonic()
        self._lateness[prediction.task].append(prediction.latency)

    def _pump(self) -> None:
        if not self._window.isVisible():  # closed by somebody else: nothing may open another
            self._over.set()
        while not self._todo.empty() and not self._over.is_set():
            self._todo.get()()

    # ---- what happens -------------------------------------------------------------------------------------

    def _drive(self) -> None:
        """Do one thing after the other, on a thread of its own: devices take their time to start."""
        use, camera, sound, files = self._play_with_it, self._kill_camera, self._kill_sound, self._files
        happenings = itertools.cycle((use, camera, use, sound, files))
        try:
            while not self._over.is_set():
                self._over.wait(60 / self._speed)
                if not self._over.is_set():
                    next(happenings)()
        except BaseException as error:  # pytest's own failure, too: it is one of ours
            self._slow.append(f"the script failed: {error!r}")

    def _in_window(self, what: str, *calls: Callable[[], None]) -> None:
        self._events.append(what)
        for call in calls:
            self._todo.put(call)
            self._over.wait(5 / self._speed)

    def _play_with_it(self) -> None:
        window, bar = self._window, self._window.sources
        pages = [lambda page=page: window.pages.open(page) for page in (1, 2, 3, 0)]
        modes = [lambda mode=mode: bar.mode_chosen.emit(mode) for mode in ("regular", "both", "continual")]
        schemes = [lambda name=name: window.set_scheme(name) for name in ("light", "dark")]
        self._in_window(
            "pages, modes, themes", *pages, *modes, *schemes, *(bar.toggle_mode for _ in range(6))
        )
        race = window.pages.race.toggle
        self._in_window(
            "race, model card", race, race, lambda: window.dialogs.card("actions"), self._close_cards
        )

    def _close_cards(self) -> None:
        for card in QApplication.topLevelWidgets():
            if card is not self._window and card.isVisible():
                card.close()

    def _kill_camera(self) -> None:
        self._events.append("camera killed")
        self._camera.kill()
        self._over.wait(20 / self._speed)
        self._camera.start()
        self._expect("actions", "camera")

    def _kill_sound(self) -> None:
        self._events.append("sound server killed")
        self._sound.kill()
        self._over.wait(20 / self._speed)
        self._start_sound()
        self._expect("genres", "sound server")

    def _files(self) -> None:
        session = self._window.session
        for path in self._films:
            self._in_window(f"file {path.name}", lambda path=path: session.open_file(path))
            self._expect("genres" if path.suffix == ".ogg" else "actions", path.name)
            for share in (0.5, 0.1, 0.9, 0.0):
                length = session.snapshot().duration
                if np.isfinite(length):
                    # what comes before is computed first: not further than a user would wait for
                    at = share * min(30.0, length)
                    self._in_window("seek", lambda at=at: session.seek(at))
        self._in_window(
            "devices again",
            lambda: session.set_camera(self._camera.url),
            lambda: session.set_microphone(SoundServer.MICROPHONE),
        )
        self._expect("actions", "camera after files")
        self._expect("genres", "microphone after files")

    def _expect(self, task: str, what: str) -> None:
        """Wait for an answer that is newer than now."""
        began = time.monotonic()
        while self._answered.get(task, 0.0) < began:
            if self._over.wait(0.2):
                return
            shared = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
            if time.monotonic() - began > COMES_BACK * shared:
                self._slow.append(f"no {task} within {COMES_BACK * shared:.0f} s of: {what}")
                return
        self._events.append(f"{what} answered after {time.monotonic() - began:.1f} s")

    # ---- what is measured ---------------------------------------------------------------------------------

    def _measure(self) -> None:
        began = time.monotonic()
        cpu = time.process_time()
        for minute in itertools.count(1):
            left = min(began + self._seconds, began + 60 * minute) - time.monotonic()
            if self._over.wait(max(0.0, left)):
                return
            spent, cpu = time.process_time() - cpu, time.process_time()
            self._todo.put(lambda minute=minute, spent=spent: self._row(minute, spent))
            if time.monotonic() - began >= self._seconds:
                break
        self._todo.put(self._end)

    def _row(self, minute: int, cpu: float) -> None:
        """In the window's thread."""
        lags = self._marks.take()
        paints, lateness = list(self._window.refresh.tick_times), self._lateness
        self._window.refresh.tick_times.clear()
        self._lateness = defaultdict(list)
        events, self._events = self._events, []
        snapshot = self._window.session.snapshot()
        row: dict[str, object] = {
            "minute": minute,
            "rss_mb": rss(),
            **heap(),
            "threads": threading.active_count(),
            "tasks": len(os.listdir("/proc/self/task")),
            "descriptors": len(os.listdir("/proc/self/fd")),
            "widgets": len(QApplication.allWidgets()),
            "objects": len(gc.get_objects()),
            "load": round(os.getloadavg()[0], 2),
            "cpu": round(cpu / 60, 2),
            "picture_late_ms": _ms(lags["video"]),
            "sound_late_ms": _ms(lags["audio"]),
            "drift_ms": _ms(lags["audio"] - lags["video"]),
            "paint_p50_ms": _ms(np.quantile(paints, 0.5)) if paints else "",
            "paint_p99_ms": _ms(np.quantile(paints, 0.99)) if paints else "",
        }
        for task in ("actions", "genres"):
            row[f"{task}"] = len(lateness[task])
            for share in (50, 95):
                values = lateness[task]
                row[f"{task}_late_p{share}_ms"] = _ms(np.percentile(values, share)) if values else ""
        row["file"] = snapshot.video_name or snapshot.audio_name if snapshot.is_file else ""
        row["banners"] = "; ".join(notice.key for notice in snapshot.notices)
        row["events"] = "; ".join(events)
        if minute == SETTLED:
            self._kinds = _kinds()
        self.rows.append(row)
        append(row, self._out)
        print(" ".join(f"{name}={row[name]}" for name in list(row)[:16]), flush=True)

    def _end(self) -> None:
        self._over.set()
        if self._kinds:  # a hint where to look, should it grow
            grown = (_kinds() - self._kinds).most_common(12)
            print("more objects than after", SETTLED, "min:", ", ".join(f"{n} {kind}" for kind, n in grown))
        self._window.close()


class _MallInfo(ctypes.Structure):
    """The struct mallinfo2 of malloc.h: of all glibc's heaps together."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


def heap() -> dict[str, float]:
    """What of glibc's heaps is in use, and what lies free between: the one tells leaks, the other holes."""
    ask = ctypes.CDLL(None).mallinfo2
    ask.restype = _MallInfo
    told = ask()
    return {
        "heap_used_mb": round((told.uordblks + told.hblkhd) / 1e6, 1),
        "heap_free_mb": round(told.fordblks / 1e6, 1),
    }


def _kinds() -> Counter[str]:
    gc.collect()
    return Counter(type(one).__name__ for one in gc.get_objects())


def _ms(seconds: float) -> float | str:
    return round(1e3 * float(seconds), 1) if np.isfinite(seconds) else ""


def main() -> int:
    """Run it; 0 when nothing grows, drifts or stays away."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hours", type=float, default=3.0)
    parser.add_argument("--speed", type=float, default=1.0, help="divides the time between events (1)")
    parser.add_argument("--out", type=Path, default=Path("soak"), help="folder of soak.csv and soak.png")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    args = parser.parse_args()
    if not (args.hours > 0 and args.speed > 0):
        parser.error(f"--hours {args.hours:g} --speed {args.speed:g}: expected more than 0")
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    data = args.data if args.data.is_dir() else None
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(3600 * args.hours, args.speed, Path(folder), args.out, data)
        try:
            soak.start()
            app.ui.run(soak.session, settings=Settings(), size=(1280, 800), begun=soak.begin)
        finally:
            soak.close()
    return report(soak.rows, soak.verdict(), args.out)


if __name__ == "__main__":
    sys.exit(main())
