"""A film with what was said of it drawn in: its pictures, its sound, and what becomes of a full disk."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.capture.media import AudioBlock, Frame
from app.capture.recording import Recording
from app.cli import main
from app.pipeline.annotate import annotate, draw
from app.pipeline.state import Prediction, TaskInfo
from tests.devices import ffmpeg

INFO = TaskInfo("actions", ("idle", "wave"), 15.0, 64, 0.5, {}, {})


def prediction(time: float, share: float) -> Prediction:
    return Prediction(
        task="actions",
        tick=round(time * 15),
        time=time,
        mode="continual",
        probabilities=np.array([1 - share, share], np.float32),
        label="wave" if share > 0.5 else "not sure",
        confident=share > 0.5,
        nearest=1,
        confidence=share,
        status="",
        repeated=False,
        unavailable=(),
        filled=64,
        macs=1000,
        macs_regular=60_000,
        seconds=1e-4,
        seconds_regular=None,
        max_delta=None,
        delta_bound=None,
        latency=0.0,
    )


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """Three seconds of black with a white flash and a beep at 2 s."""
    path = tmp_path_factory.mktemp("film") / "flash.mp4"
    flash = "color=black:s=320x180:r=25:d=3,drawbox=c=white:t=fill:enable='between(t,1.99,2.09)'"
    beep = "sine=f=1000:r=48000:d=3,volume=0:enable='not(between(t,2,2.1))'"
    ffmpeg("-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep, "-pix_fmt", "yuv420p", str(path))
    return path


def events(path: Path) -> tuple[list[Frame], list[AudioBlock]]:
    found = list(Recording(path).events())
    return [e for e in found if isinstance(e, Frame)], [e for e in found if isinstance(e, AudioBlock)]


def test_pictures_and_sound_stay_where_they_were(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    annotate(film, out, [prediction(k / 15, 0.9 if k > 20 else 0.2) for k in range(45)], {"actions": INFO})
    before, _ = events(film)
    pictures, sound = events(out)
    assert len(pictures) == len(before)
    # All is later by the run-in of the sound's encoder, 1024 samples: half a picture.
    np.testing.assert_allclose([f.time for f in pictures], [f.time for f in before], atol=0.022)
    height = before[0].image.shape[0]
    assert pictures[0].image.shape[0] > height and pictures[0].image.shape[1] == before[0].image.shape[1]
    apart = [
        np.abs(a.image[:height].astype(int) - b.image).mean() for a, b in zip(pictures, before, strict=True)
    ]
    assert max(apart) < 6  # compressed twice
    flash = next(f.time for f in pictures if f.image[:height].mean() > 128)
    samples = np.concatenate([block.samples for block in sound])
    beep = sound[0].time + int(np.argmax(np.abs(samples) > 0.02)) / sound[0].rate
    assert abs(flash - 2.0) < 0.03 and abs(beep - flash) < 0.04  # within a picture
    # What is drawn changes with what was said: the name stands only from 1.4 s on.
    early, late = (pictures[k].image[height:].astype(int) for k in (20, 60))
    assert np.abs(early - late).mean() > 1


def test_names_and_bars_are_drawn_for_each_task() -> None:
    image = np.zeros((181, 321, 3), np.uint8)
    nothing = draw(image, {"actions": None}, {"actions": INFO})
    named = draw(image, {"actions": prediction(0, 0.9)}, {"actions": INFO})
    both = draw(image, {"actions": prediction(0, 0.9)}, {"actions": INFO, "genres": INFO})
    assert nothing.shape[0] % 2 == nothing.shape[1] % 2 == 0 and not nothing[:181, :321].any()
    assert (named != nothing).any() and (both != named).any()


def test_run_writes_it_and_refuses_what_it_cannot(film: Path, tmp_path: Path, capfd) -> None:
    out, lines = tmp_path / "out.mp4", tmp_path / "out.jsonl"
    assert main(["run", str(film), "--annotate", str(out), "--json", str(lines)]) == 0
    made = Recording(out)
    assert made.has_video and made.has_audio and abs(made.duration - 3.0) < 0.2
    capfd.readouterr()
    assert main(["run", str(film), "--annotate", str(film)]) == 2
    assert "is the file to read" in capfd.readouterr().err
    assert main(["run", str(film), "--annotate", str(tmp_path / "none" / "out.mp4")]) == 2
    assert "Cannot write" in capfd.readouterr().err
    sound = tmp_path / "sound.wav"
    ffmpeg("-i", str(film), "-vn", str(sound))
    assert main(["run", str(sound), "--annotate", str(out)]) == 2
    assert "no picture to draw in" in capfd.readouterr().err


def test_a_full_disk_leaves_a_film_that_plays(film: Path, tmp_path: Path) -> None:
    """In a process whose files may not grow past 300 kB, which noise soon fills."""
    noisy, out = tmp_path / "noisy.mp4", tmp_path / "out.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=6,noise=alls=60:allf=t", "-g", "10", str(noisy))
    code = (
        "import signal, sys; from pathlib import Path; from app.pipeline.annotate import annotate;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "try: annotate(Path(sys.argv[1]), Path(sys.argv[2]), [], {})\n"
        "except OSError as error: print(error.strerror); sys.exit(2)"
    )

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    done = subprocess.run(
        [sys.executable, "-c", code, str(noisy), str(out)], preexec_fn=full, capture_output=True, text=True
    )
    assert done.returncode == 2 and done.stdout.strip(), done.stderr
    pictures, _ = events(out)
    assert len(pictures) >= 10
