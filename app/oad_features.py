"""`oad features` and `oad label`: from videos of one's own and a table of spans to what `oad train` reads."""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from app.capture.camera import Camera
from app.capture.media import AudioBlock, CaptureError, Frame, Notice
from app.capture.recording import Recording
from app.features.backbone import BackboneTokens
from app.features.chunks import ChunkTokens
from app.program import COMMAND
from models.training.oad.spans import label_frames, read_spans, write_labels

DESCRIPTION = "features.json"  # in a folder of features made here: what they are
BATCH = 16  # pictures that go through the network together
STREAMS = ("rgb", "flow")


def features(args: argparse.Namespace) -> int:
    """Write ``rgb_BACKBONE/X.npy`` of each video X, flow beside it, and what they are.

    A video whose features are there is passed over; one that cannot be read is named, and the others go on.
    Each file is written whole or not at all.

    Raises
    ------
    ValueError, CaptureError, OSError
        What was asked for cannot be had.
    """
    twice = [stem for stem, count in Counter(path.stem for path in args.videos).items() if count > 1]
    if twice:
        same = ", ".join(str(path) for path in args.videos if path.stem == twice[0])
        raise ValueError(f"{same} would all be written to {twice[0]}.npy: rename them")
    if not args.videos and args.camera is None:
        raise ValueError("no video is named, and no --camera")
    if args.camera is not None and not args.seconds > 0:
        raise ValueError(f"--seconds is {args.seconds:g}, expected more than 0")
    weights = "random" if args.random else "downloaded"
    batch = 1 if args.camera is not None else BATCH
    extractor: BackboneTokens
    if args.recipe == "chunks":
        extractor = ChunkTokens(args.backbone, args.rate, weights, args.download, batch, args.flow)
    elif args.flow:
        raise ValueError(f"--flow {args.flow} is of the recipe chunks: give --recipe chunks as well")
    else:
        extractor = BackboneTokens(args.backbone, args.rate, weights, args.download, batch)
    folders = _folders(args.out, args.backbone, extractor)
    if args.camera is not None:
        name = time.strftime("camera-%Y%m%d-%H%M%S")
        _write(folders, extractor, name, _rows(extractor, _watch(args.camera, args.seconds)))
        print(f"{folders['rgb'] / name}.npy")
    failed, slow = 0, {}
    for path in tqdm(args.videos, desc="features", unit="video"):
        if all((folder / f"{path.stem}.npy").exists() for folder in folders.values()):
            continue
        try:
            recording = Recording(path)
            if not recording.has_video:
                raise ValueError(f"{path} has no picture")
            rows = _rows(extractor, recording.events())
            if not len(rows):
                raise ValueError(f"{path} is too short for a token")
        except (CaptureError, ValueError) as error:
            failed += 1
            print(error, file=sys.stderr)
            continue
        _write(folders, extractor, path.stem, rows)
        if recording.truncated:
            print(f"{path}: {recording.truncated}", file=sys.stderr)
        if args.recipe == "chunks" and recording.fps < 4 * args.rate:
            slow[path.name] = recording.fps
    for name, fps in slow.items():
        print(
            f"{name} has {fps:.3g} pictures a second, a chunk of {1 / args.rate:g} s should have six: "
            "its middle is as near as it comes",
            file=sys.stderr,
        )
    return 2 if failed else 0


def label(args: argparse.Namespace) -> int:
    """Write ``target_perframe/X.npy`` and ``data_info.json`` from a CSV of ``video,start,end,label``."""
    described = json.loads((args.features / DESCRIPTION).read_text("utf-8"))
    lengths = {path.stem: len(np.load(path, mmap_mode="r")) for path in sorted(args.features.glob("*.npy"))}
    spans = read_spans(args.spans)
    made = label_frames(
        spans, lengths, described["rate"], middle=described.get("recipe") == "chunks", classes=args.classes
    )
    train, test = write_labels(made, args.out, args.dataset, _test(args.test))
    for line in made.skipped:
        print(f"Skipped: {line}", file=sys.stderr)
    print(
        f"{len(made.targets)} videos, {len(made.classes) - 1} classes: {', '.join(made.classes[1:])}; "
        f"{len(train)} to train on, {len(test)} to test on"
    )
    return 2 if made.skipped else 0


def _test(given: list[float | str]) -> list[str] | float:
    """The share, or the names of the videos to test on."""
    if len(given) == 1 and isinstance(given[0], float):
        return given[0]
    return [Path(str(name)).stem for name in given]


def _folders(out: Path, backbone: str, extractor: BackboneTokens) -> dict[str, Path]:
    """Where the parts of a token go; refuses a folder that holds other features."""
    parts = {"rgb": f"rgb_{backbone}"}
    if extractor.features.get("flow"):
        parts["flow"] = f"flow_{extractor.features['flow']}"
    folders = {part: out / name for part, name in parts.items()}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
        stated = folder / DESCRIPTION
        if stated.exists() and json.loads(stated.read_text("utf-8")) != extractor.features:
            raise ValueError(f"{folder} has other features in it: {stated.read_text('utf-8').strip()}")
        stated.write_text(json.dumps(extractor.features) + "\n", encoding="utf-8")
    return folders


def _rows(extractor: BackboneTokens, events: Iterable[Any]) -> np.ndarray:
    """Tokens (T, F) of the pictures among these events."""
    extractor.gap(0.0)
    tokens, end, step = [], 0.0, 0.0
    for event in events:
        if isinstance(event, Frame):
            tokens += extractor.frame(event)
            step, end = event.time - end, event.time
    # The last picture is shown for as long as the one before it.
    tokens += extractor.flush(end + step) if isinstance(extractor, ChunkTokens) else extractor.advance(end)
    extractor.finish()
    return np.array([token.vector for token in tokens], np.float32).reshape(-1, extractor.size)


def _write(folders: dict[str, Path], extractor: BackboneTokens, name: str, rows: np.ndarray) -> None:
    """Write each part whole or not at all: an interrupted run leaves no half of a video."""
    split = extractor.rgb_size if isinstance(extractor, ChunkTokens) else extractor.size
    for folder, part in zip(folders.values(), np.split(rows, [split], axis=1), strict=False):
        unfinished = folder / f"{name}.npy.part"
        with unfinished.open("wb") as file:
            np.save(file, part)
        os.replace(unfinished, folder / f"{name}.npy")


class _Pictures:
    """A sink that keeps a camera's pictures until they are asked for."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.notices: list[Notice] = []
        self.came = threading.Event()

    def frame(self, frame: Frame) -> None:
        self.frames.append(frame)
        self.came.set()

    def audio(self, block: AudioBlock) -> None: ...

    def gap(self, kind: str, at: float, reason: str) -> None:
        print(f"Pictures were lost at {at:.1f} s: {reason}", file=sys.stderr)

    def notice(self, notice: Notice) -> None:
        print(f"{notice.cause} {notice.remedy}".strip(), file=sys.stderr)

    def ended(self) -> None: ...


def _watch(device: int | str, seconds: float) -> Iterator[Frame]:
    """Pictures of a camera, for so many seconds from the first on."""
    camera, sink = Camera(device), _Pictures()
    camera.check()
    camera.start(sink, time.perf_counter())  # type: ignore[arg-type]
    first: float | None = None
    try:
        with tqdm(total=round(seconds, 1), desc="camera", unit="s") as bar:
            while True:
                if not sink.came.wait(20.0):
                    raise CaptureError(f"{camera.name} gives no picture.", f"See `{COMMAND} devices`.")
                sink.came.clear()
                frames, sink.frames = sink.frames, []
                for frame in frames:
                    first = frame.time if first is None else first
                    if frame.time - first >= seconds:
                        return
                    bar.n = round(frame.time - first, 1)
                    bar.refresh()
                    yield Frame(frame.image, frame.time - first, frame.captured)
    finally:
        camera.stop()
