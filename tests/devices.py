"""Real devices for tests on a machine without any: a sound server of our own and a network camera.

``sound_server`` is a PulseAudio daemon with a null sink whose monitor is the microphone; ``camera_server`` is
FFmpeg sending MJPEG over loopback.  Both can be killed, frozen and started again.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.capture.media import AudioBlock, Frame, Notice

# Seconds after which a test gives up.  It waits for what happens, and how soon says nothing: other programs
# may have the machine.
PATIENCE = 120.0
PROMPT = 10.0  # seconds within which what is to happen at once has happened on any machine
LISTENS, SERVES = "0A", "01"  # states of a socket in /proc/net/tcp
PLAYER = ("ffmpeg", "-v", "quiet", "-nostdin", "-re")


def need(*programs: str) -> None:
    """Skip the test where one of these programs is not installed."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (apt install ffmpeg pulseaudio)")


def ffmpeg(*arguments: str | Path) -> None:
    """Run ffmpeg to its end."""
    need("ffmpeg")
    subprocess.run(["ffmpeg", "-y", "-v", "error", *map(str, arguments)], check=True, timeout=PATIENCE)


def wait_until(condition: Callable[[], object], limit: float = 0.0, what: object = "") -> None:
    """Fail when ``condition`` is not true within `PATIENCE`, or ``limit`` seconds if they are more."""
    limit = max(limit, PATIENCE)
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"not within {limit} s: {what or condition}")
        time.sleep(0.02)


class Recorder:
    """A sink that keeps all that it gets, in order.

    Attributes
    ----------
    log : list
        ``("frame", Frame)``, ``("audio", AudioBlock)``, ``("gap", (kind, time, reason))``,
        ``("notice", Notice)``, ``("ended", time)``.
    """

    def __init__(self) -> None:
        self.log: list[tuple[str, object]] = []

    def frame(self, frame: Frame) -> None:
        self.log.append(("frame", frame))

    def audio(self, block: AudioBlock) -> None:
        self.log.append(("audio", block))

    def gap(self, kind: str, time: float, reason: str) -> None:
        self.log.append(("gap", (kind, time, reason)))

    def notice(self, notice: Notice) -> None:
        self.log.append(("notice", notice))

    def ended(self, time: float) -> None:
        self.log.append(("ended", time))

    def of(self, what: str) -> list:
        return [thing for name, thing in list(self.log) if name == what]

    def since_gap(self, what: str) -> list:
        """The same, but only what came after the newest gap: a slow machine may lose sound at any time."""
        log = list(self.log)
        last = max((n for n, (name, _) in enumerate(log) if name == "gap"), default=-1)
        return [thing for name, thing in log[last + 1 :] if name == what]

    def levels(self) -> list[str]:
        """The levels of the notices, in order."""
        return [notice.level for notice in self.of("notice")]


class SoundServer:
    """A PulseAudio daemon in a folder of its own; `tone` plays a sine into its microphone.

    ``Microphone(SoundServer.MICROPHONE)`` listens to it, even where there is real hardware as well.
    """

    MICROPHONE = "pulse"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = f"unix:{folder}/socket"
        self._server: subprocess.Popen | None = None
        self._player: subprocess.Popen | None = None

    def start(self) -> None:
        arguments = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"]
        for module in (
            f"module-native-protocol-unix socket={self.folder}/socket auth-anonymous=1",
            "module-null-sink sink_name=null rate=44100",
        ):
            arguments += ["-L", module]
        environment = {**os.environ, "XDG_RUNTIME_DIR": str(self.folder), "HOME": str(self.folder)}
        (self.folder / "socket").unlink(missing_ok=True)
        self._server = subprocess.Popen(
            ["pulseaudio", *arguments, "--log-level=error"], env=environment, stderr=subprocess.DEVNULL
        )
        wait_until(lambda: self._control("set-default-source", "null.monitor"), what="PulseAudio is up")

    def _control(self, *arguments: str) -> bool:
        done = subprocess.run(
            ["pactl", "-s", self.address, *arguments], capture_output=True, timeout=PATIENCE, check=False
        )
        return done.returncode == 0

    def tone(self, frequency: float) -> None:
        """Play a sine of ``frequency`` Hz from now on, in place of the last one."""
        self.stream("-f", "lavfi", "-i", f"sine={frequency}:r=44100")

    def play(self, path: Path) -> None:
        """Play the sound of a file, once."""
        self.stream("-i", str(path), "-vn")

    def stream(self, *arguments: str, sink: str = "null") -> None:
        """Play what these arguments of ffmpeg give, in place of the last one."""
        self.silence()
        to = ["-f", "pulse", "-server", self.address, "-device", sink, "-buffer_duration", "200", "test"]
        self._player = subprocess.Popen([*PLAYER, *arguments, *to])

    def silence(self) -> None:
        self._player = _end(self._player)

    def freeze(self) -> None:
        """It goes on holding its clients, and sends nothing."""
        assert self._server is not None
        self._server.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._server is not None
        self._server.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """The daemon dies, as with a sound card pulled out."""
        self._server = _end(self._server)
        self.silence()

    close = kill


class CameraServer:
    """FFmpeg sending MJPEG over HTTP, to one client after another, like a cheap network camera.

    Parameters
    ----------
    source : str
        A lavfi source, or the path of a video file, which it then plays over and over.
    filters : str
        Of ffmpeg, that the pictures pass through.
    """

    def __init__(self, source: str = "testsrc=s=320x240:r=15", filters: str = "null") -> None:
        self.source = source
        self.filters = filters
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/camera"
        self._running = False
        self._process: subprocess.Popen | None = None
        self._keeper: threading.Thread | None = None

    def start(self) -> None:
        self._running = True
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()
        wait_until(self._is_up, what="the camera is up")

    def _keep(self) -> None:
        while self._running:
            source = ["-f", "lavfi", "-i", self.source]
            if Path(self.source).is_file():
                source = ["-stream_loop", "-1", "-i", self.source, "-an"]
            out = [
                "-vf",
                self.filters,
                "-c:v",
                "mjpeg",
                "-q:v",
                "5",
                "-f",
                "mpjpeg",
                "-listen",
                "1",
                self.url,
            ]
            self._process = subprocess.Popen([*PLAYER, *source, *out])
            self._process.wait()
            time.sleep(0.05)

    def _is_up(self) -> bool:
        """Look without connecting: that would use up the one client it takes.

        Whoever waits for it may have got in since it was looked at last, and then it listens no more.
        """
        rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return any(row[1].endswith(f":{self.port:04X}") and row[3] in (LISTENS, SERVES) for row in rows)

    def freeze(self) -> None:
        """It goes on holding the connection, and sends nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """It is unplugged."""
        self._running = False
        wait_until(self._unplugged, what="the camera is unplugged")
        self._process = self._keeper = None

    def _unplugged(self) -> bool:
        """Its keeper may have begun another just when this one was killed."""
        if self._process is not None:
            self._process.kill()
        return self._keeper is None or not self._keeper.is_alive()

    close = kill


def _end(process: subprocess.Popen | None) -> None:
    if process is not None:
        process.kill()
        process.wait(PATIENCE)


@pytest.fixture
def sound_server(tmp_path_factory: pytest.TempPathFactory, monkeypatch) -> Iterator[SoundServer]:
    """A running sound server that PortAudio in this process uses as its only one; silent at first."""
    need("pulseaudio", "pactl", "ffmpeg")
    folder = tmp_path_factory.mktemp("sound")
    server = SoundServer(folder)
    monkeypatch.setenv("PULSE_SERVER", server.address)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    server.start()
    try:
        from app.capture.devices import microphones

        if SoundServer.MICROPHONE not in [m.name for m in microphones()]:
            pytest.skip("PortAudio does not see PulseAudio (apt install libportaudio2 libasound2-plugins)")
        yield server
    finally:
        server.close()


@pytest.fixture
def camera_server() -> Iterator[CameraServer]:
    """A running network camera with a moving test picture; its address is ``camera_server.url``."""
    need("ffmpeg")
    server = CameraServer()
    server.start()
    try:
        yield server
    finally:
        server.close()
