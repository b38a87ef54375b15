"""Build the demo clip: a drawn person doing the shipped actions to rendered music, and the true labels.

    python assets/build_demo.py [--folder assets]

Writes ``demo.mp4`` (640×480, H.264 and AAC) and ``demo.json``.  Nothing in it was filmed or recorded: the
person and the room are drawn (``demo/figure.py``), the moves computed (``demo/motion.py``), the music written
(``demo/music.py``) and rendered by FluidSynth with the FluidR3 Mono sound font, which is MIT-licensed
(Debian: ``apt-get install fluidsynth fluidr3mono-gm-soundfont``).  The same machine gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from demo import figure, motion, music
from demo.motion import Move, Posture

FPS, RATE = 30, 44_100
SOUND_FONT = Path("/usr/share/sounds/sf3/FluidR3Mono_GM.sf3")
TRANSITION = 0.5  # seconds in which one move flows into the next; the label changes in its middle

ENTRANCE = 2.05  # metres from the middle: out of the picture
# (label, seconds, move); a move gets the seconds since its start.  No move: nobody is there.
SCRIPT: list[tuple[str, float, Move | None]] = [
    ("idle", 3.0, motion.idle),
    ("wave", 4.5, motion.wave),
    ("idle", 1.5, motion.idle),
    ("arms raised", 3.5, motion.arms_raised),
    ("two-hand wave", 4.5, motion.two_hand_wave),
    ("idle", 1.5, motion.idle),
    ("clap", 4.5, motion.clap),
    ("idle", 1.5, motion.idle),
    ("punch", 5.0, motion.punch),
    ("idle", 1.5, motion.idle),
    ("kick", 5.5, motion.kick),
    ("idle", 1.5, motion.idle),
    ("bend", 5.0, motion.bend),
    ("idle", 1.5, motion.idle),
    ("squat", 5.0, motion.squat),
    ("idle", 1.0, motion.idle),
    ("lunge", 5.5, motion.lunge),
    ("jumping jack", 4.5, motion.jumping_jack),
    ("idle", 1.5, motion.idle),
    ("walk", 4.4, motion.run_on_the_spot),
    ("walk", 2.1, lambda t: motion.walk(t, 0.0, ENTRANCE, 2.1)),
    ("no person", 2.5, None),
    ("walk", 2.1, lambda t: motion.walk(t, ENTRANCE, 0.0, 2.1)),
    ("idle", 1.9, motion.idle),
    ("wave", 3.0, motion.wave),
]
SILENCE = "no music"
# (genre, seconds); silences are longer than the 3 s that the listener looks back for one
SCORE: list[tuple[str, float]] = [
    ("jazz", 15.75),
    (SILENCE, 5.0),
    ("metal", 15.75),
    (SILENCE, 5.0),
    ("classical", 15.75),
    (SILENCE, 5.0),
    ("disco", 15.75),
]


def timeline() -> list[dict]:
    """True labels of the actions, ``{"label", "start", "end"}``; neighbours with one label are joined."""
    spans: list[dict] = []
    now = 0.0
    for label, seconds, _ in SCRIPT:
        if spans and spans[-1]["label"] == label:
            spans[-1]["end"] = round(now + seconds, 3)
        else:
            spans.append({"label": label, "start": round(now, 3), "end": round(now + seconds, 3)})
        now += seconds
    return spans


def posture_at(time: float) -> Posture | None:
    """The person's posture at a moment, moves flowing into each other around the changes of label."""
    starts = np.cumsum([0.0, *(seconds for _, seconds, _ in SCRIPT)])
    k = int(np.clip(np.searchsorted(starts, time, "right") - 1, 0, len(SCRIPT) - 1))
    move = SCRIPT[k][2]
    if move is None:
        return None
    posture = move(time - starts[k])
    for other, edge in ((k - 1, starts[k]), (k + 1, starts[k + 1])):
        distance = abs(time - edge)
        if (
            0 <= other < len(SCRIPT)
            and distance < TRANSITION / 2
            and (neighbour := SCRIPT[other][2]) is not None
        ):
            weight = 1 - motion.ease(0.5 + distance / TRANSITION)
            posture = motion.blend(posture, neighbour(time - starts[other]), weight)
    return posture


def render_music(folder: Path) -> tuple[np.ndarray, list[dict]]:
    """The sound-track, shape (samples,), float32, and its true labels."""
    for needed in (shutil.which("fluidsynth"), SOUND_FONT.exists()):
        if not needed:
            sys.exit("The music needs FluidSynth: apt-get install fluidsynth fluidr3mono-gm-soundfont")
    track, spans, now = [], [], 0.0
    for genre, seconds in SCORE:
        samples = np.zeros(round(seconds * RATE), np.float32)
        if genre != SILENCE:
            sound = synthesise(music.midi(music.PIECES[genre](400)), seconds, folder / genre)
            sound *= 0.11 / np.sqrt(np.mean(sound**2))  # one loudness for all
            fade = np.minimum(
                1, np.minimum(np.arange(len(sound)) / 400, np.arange(len(sound))[::-1] / (0.4 * RATE))
            )
            samples[:] = np.clip(sound * fade, -1, 1)
        spans.append({"label": genre, "start": round(now, 3), "end": round(now + seconds, 3)})
        now += seconds
        track.append(samples)
    return np.concatenate(track), spans


def synthesise(score: bytes, seconds: float, stem: Path) -> np.ndarray:
    """The first ``seconds`` of a MIDI file as mono sound, shape (samples,), float32."""
    stem.with_suffix(".mid").write_bytes(score)
    command = [
        "fluidsynth",
        "-ni",
        "-q",
        "-g",
        "0.5",
        "-r",
        str(RATE),
        "-T",
        "raw",
        "-O",
        "float",
        "-E",
        "little",
    ]
    command += ["-F", str(stem.with_suffix(".raw")), str(SOUND_FONT), str(stem.with_suffix(".mid"))]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stereo = np.fromfile(stem.with_suffix(".raw"), "<f4").reshape(-1, 2)
    return stereo[: round(seconds * RATE)].mean(1)


def write_clip(path: Path, sound: np.ndarray, seconds: float) -> None:
    """Draw and encode the pictures, then the sound."""
    room = figure.draw_room()
    with av.open(str(path), "w", options={"movflags": "+faststart", "fflags": "+bitexact"}) as out:
        video = out.add_stream("libx264", FPS, options={"crf": "21", "preset": "slow", "threads": "1"})
        video.width, video.height, video.pix_fmt = figure.WIDTH, figure.HEIGHT, "yuv420p"
        video.codec_context.gop_size = FPS  # a key picture a second: seeking is quick
        audio = out.add_stream("aac", RATE, layout="mono")
        audio.bit_rate = 96_000
        for k in range(round(seconds * FPS)):
            posture = posture_at(k / FPS)
            picture = figure.render(room, motion.joints(posture) if posture is not None else None)
            frame = av.VideoFrame.from_ndarray(picture, "bgr24")
            frame.pts, frame.time_base = k, Fraction(1, FPS)
            out.mux(video.encode(frame))
            samples = sound[k * RATE // FPS : (k + 1) * RATE // FPS]
            block = av.AudioFrame.from_ndarray(samples[None], "fltp", "mono")
            block.sample_rate, block.pts, block.time_base = RATE, k * RATE // FPS, Fraction(1, RATE)
            out.mux(audio.encode(block))
            if k % (10 * FPS) == 0:
                print(f"{k / FPS:5.0f} s of {seconds:.0f}", file=sys.stderr)
        out.mux(video.encode())
        out.mux(audio.encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent)
    folder: Path = parser.parse_args().folder
    actions = timeline()
    seconds = actions[-1]["end"]
    with tempfile.TemporaryDirectory() as scratch:
        sound, genres = render_music(Path(scratch))
    if abs(len(sound) / RATE - seconds) > 1e-3:
        sys.exit(f"the music lasts {len(sound) / RATE} s, the moves {seconds} s: make them equal")
    write_clip(folder / "demo.mp4", sound, seconds)
    about = "A drawn person and rendered music: not a film, not a recording.  True labels, seconds."
    labels = {"about": about, "duration": seconds, "actions": actions, "genres": genres}
    (folder / "demo.json").write_text(json.dumps(labels, indent=1) + "\n")


if __name__ == "__main__":
    main()
