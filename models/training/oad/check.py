"""What labels, features and splits make together: what is found, what is missing, what does not fit."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from models.training.oad.data import STREAMS, Dataset, Labels, Video

SPLITS = ("train", "test")


@dataclass
class Findings:
    """The result of a check.

    Attributes
    ----------
    videos : dict of str to list of Video
        Those of each split that fit.
    found : list of str
        What is there, a line each.
    faults : list of str
        What is missing or does not fit, a line each, with the video and the two numbers.
    fingerprints : dict of str to str
        Of each split: SHA-256 of the names, labels and features of its videos, whatever files they came from.
    """

    videos: dict[str, list[Video]] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    fingerprints: dict[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """F, features of a token; 0 where no video fits."""
        return next((video.size for videos in self.videos.values() for video in videos), 0)


def check(
    dataset: Dataset,
    labels: Mapping[str, Labels],
    features: Mapping[str, Mapping[str, np.ndarray]] | None,
    *,
    splits: Sequence[str] = SPLITS,
    trim: bool = False,
    progress: bool = True,
) -> Findings:
    """Put labels and features of the splits' videos together, and look at every number of them.

    Parameters
    ----------
    dataset : Dataset
    labels, features
        As read by :mod:`models.training.oad.data`; without features only the labels are looked at.
        All videos must have as many of a stream as most have.
    splits : sequence of {"train", "test"}
    trim : bool
        Cut a video's labels and features to the shortest of them, as the authors do for TVSeries, instead of
        calling that a fault.
    progress : bool
        Whether to show a bar on stderr.

    Returns
    -------
    Findings
    """
    findings = Findings()
    dimensions = _dimensions(dataset, features, splits) if features is not None else {}
    if features is not None:
        sizes = " + ".join(f"{stream} {dimensions[stream]}" for stream in dimensions)
        findings.found.append(f"features: {sizes or 'none'}")
    names = {name for split in splits for name in dataset.splits[split]}
    for what, there in (("labels", labels), ("features", features)):
        others = sorted(set(there or ()) - {name for split in SPLITS for name in dataset.splits[split]})
        if others:
            findings.found.append(f"{len(others)} videos with {what} are in no split, as {others[0]}")
    bar = tqdm(total=len(names), disable=not progress, desc="check", unit="video")
    with bar:
        for split in splits:
            digest = hashlib.sha256()
            fitting = []
            for name in dataset.splits[split]:
                video, faults = _video(name, dataset, labels, features, dimensions, trim)
                findings.faults += faults
                if video is not None:
                    fitting.append(video)
                    _digest(digest, video)
                bar.update()
            findings.videos[split] = fitting
            findings.fingerprints[split] = digest.hexdigest()
            findings.found.append(_summary(split, dataset, fitting))
    return findings


def _dimensions(
    dataset: Dataset, features: Mapping[str, Mapping[str, np.ndarray]], splits: Sequence[str]
) -> dict[str, int]:
    """By stream, how many features most videos of the splits have; a stream that few have is left out."""
    there = [features[name] for split in splits for name in dataset.splits[split] if name in features]
    dimensions = {}
    for stream in STREAMS:
        counts = Counter(video[stream].shape[1] for video in there if stream in video)
        if 2 * sum(counts.values()) > len(there):
            dimensions[stream] = counts.most_common(1)[0][0]
    return dimensions


def _video(
    name: str,
    dataset: Dataset,
    labels: Mapping[str, Labels],
    features: Mapping[str, Mapping[str, np.ndarray]] | None,
    dimensions: Mapping[str, int],
    trim: bool,
) -> tuple[Video | None, list[str]]:
    faults: list[str] = []
    if name not in labels:
        faults.append(f"{name}: no labels")
    if features is not None and name not in features:
        faults.append(f"{name}: no features")
    if faults:
        return None, faults
    targets, stated = labels[name]
    parts = dict(features[name]) if features is not None else {}
    if targets.shape[1] != len(dataset.classes):
        faults.append(
            f"{name}: labels of {targets.shape[1]} classes, {len(dataset.classes)} in {dataset.name}"
        )
    if stated is not None and stated != len(targets) and not trim:
        faults.append(f"{name}: {len(targets)} labels, feature_length says {stated}")
    sums = targets.sum(1)
    odd = np.flatnonzero(~(np.isfinite(sums) & (sums > 0.999)))  # more than one action at once is allowed
    if len(odd):
        faults.append(
            f"{name}: {len(odd)} frames without a label, the first is {odd[0]}: sum {sums[odd[0]]:g}"
        )
    for stream, wanted in dimensions.items():
        if stream not in parts:
            faults.append(f"{name}: no {stream} features, {wanted} expected")
    for stream, array in parts.items():
        if stream not in dimensions:
            faults.append(f"{name}: {array.shape[1]} {stream} features, most videos have none")
        elif array.shape[1] != dimensions[stream]:
            faults.append(f"{name}: {array.shape[1]} {stream} features, {dimensions[stream]} expected")
        if len(array) != len(targets) and not trim:
            faults.append(f"{name}: {len(targets)} labels, {len(array)} {stream} features")
        bad = np.flatnonzero(~np.isfinite(array).all(1))
        if len(bad):
            faults.append(
                f"{name}: {len(bad)} {stream} features are not finite, the first is of frame {bad[0]}"
            )
    if faults:
        return None, faults
    length = min([len(targets), *(len(array) for array in parts.values())])
    kept = tuple(parts[stream][:length] for stream in dimensions)
    return Video(name, targets[:length], kept), []


def _digest(digest: hashlib._Hash, video: Video) -> None:
    digest.update(video.name.encode())
    for array in (video.targets, *video.features):
        digest.update(str(array.shape).encode())
        digest.update(np.ascontiguousarray(array, dtype="<f4").data)


def _summary(split: str, dataset: Dataset, videos: Iterable[Video]) -> str:
    named = [video.targets.argmax(1) for video in videos]
    wanted = len(dataset.splits[split])
    if not named:
        return f"{split}: 0 of {wanted} videos fit"
    frames = np.concatenate(named)
    lengths = [len(row) for row in named]
    line = (
        f"{split}: {len(named)} of {wanted} videos fit, {len(frames)} frames "
        f"(a video {min(lengths)} to {max(lengths)}, median {int(np.median(lengths))}), "
        f"{(frames == 0).mean():.1%} {dataset.classes[0].lower()}"
    )
    if dataset.ambiguous is not None:
        line += f", {(frames == dataset.ambiguous).mean():.1%} ambiguous"
    absent = [
        label for k, label in enumerate(dataset.classes) if k != dataset.ambiguous and not (frames == k).any()
    ]
    return line + (f"; no frame of {', '.join(absent)}" if absent else "")
