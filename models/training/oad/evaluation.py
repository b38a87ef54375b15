"""Scoring a model of the paper's experiments in both forms, which must agree."""

from __future__ import annotations

import datetime
import hashlib
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.checkpoint import load_model
from models.continual.classifier import ContinualTransformer
from models.paper.presets import Preset
from models.rivals.base import Rival
from models.training.oad.check import Findings
from models.training.oad.data import Dataset, Video
from models.training.oad.learn import rebuild
from models.training.oad.metrics import detection_report, probabilities, scored_classes, scored_frames
from models.training.oad.scoring import Scored, run_time, stream_videos, window_videos
from models.training.streaming_scores import NONE, Answers, out_at, streaming_scores

AGREE = 1e-6  # of mAP and mcAP, between the two forms
SURE = 0.9  # probability from which an answer is given for certain


def evaluate(
    weights: str | Path,
    dataset: Dataset,
    findings: Findings,
    *,
    split: str = "test",
    forms: Sequence[str] = ("windowed", "streaming"),
    as_in_paper: bool = False,
    command: str = "",
    progress: bool = True,
) -> dict[str, Any]:
    """Score weights on a split, every frame from its window anew, and in a stream; both must agree.

    A regular model is scored in the windowed form only, a rival in the streaming one: they have no other.

    Parameters
    ----------
    weights : path
        Written by :func:`models.training.oad.learn.train`.
    dataset, findings
        ``findings`` without faults.
    split : {"test", "train"}
    forms : sequence of {"windowed", "streaming"}
    as_in_paper : bool
        Score as the authors do: the first 63 and the last 9 frames of a video left out, and of TVSeries the
        first 20 actions only.
    command : str
    progress : bool

    Returns
    -------
    dict
        JSON-ready, and all that is needed to repeat it: each form's figures of
        :func:`models.training.oad.metrics.detection_report` with ``seconds`` and ``predictions_per_second``
        and, of the most probable class at each frame, ``streaming_scores``
        (:func:`models.training.streaming_scores.streaming_scores`; for certain is what has a probability of
        0.9 and more), and the same ``with_run_time`` of one stream's answers, ``seconds_p50`` each;
        ``agreement`` (of the two forms: largest difference of a probability, differences of mAP and mcAP,
        and whether those are within 1e-6), MACs, fingerprints, versions.

    Raises
    ------
    ValueError
        Weights of another kind, or of other classes or features than the data has.
    OSError
        They cannot be read.
    """
    model, card = load_model(weights, rebuild)
    if "preset" not in card:
        raise ValueError(f"{weights} is for {card['task']}: expected weights that `oad train` wrote")
    if tuple(card["labels"]) != dataset.classes:
        raise ValueError(
            f"{weights} has {len(card['labels'])} classes, not the {len(dataset.classes)} of the data"
        )
    if model.config["input_size"] != findings.size:
        raise ValueError(
            f"{weights} takes {model.config['input_size']} features a token, the data has {findings.size}"
        )
    videos = findings.videos[split]
    result: dict[str, Any] = {
        "preset": card["preset"],
        "dataset": dataset.name,
        "split": split,
        "videos": len(videos),
        "frames": sum(len(video.targets) for video in videos),
        "as_in_paper": as_in_paper,
        "weights": {"sha256": hashlib.sha256(Path(weights).read_bytes()).hexdigest(), "card": card},
        "config": model.config,
        "data": findings.fingerprints[split],
        "macs": {"continual": model.macs()}
        if isinstance(model, Rival)
        else _macs(_stored_preset(card, model.config)),
    }
    scored: dict[str, Scored] = {}
    if "streaming" in forms and isinstance(model, ContinualTransformer | Rival) and card["continual"]:
        scored["streaming"] = stream_videos(model, videos, progress)
    if "windowed" in forms and not isinstance(model, Rival):
        absolute = not card["continual"]
        scored["windowed"] = window_videos(model, videos, model.window, absolute=absolute, progress=progress)
    rows = {}
    for form, found in scored.items():
        scores, targets = _counted(found.logits, videos, dataset, as_in_paper)
        rows[form] = scores
        result[form] = detection_report(scores, targets, dataset.classes) | {
            "seconds": round(found.seconds, 3),
            "predictions_per_second": round(found.rate, 1),
            "streaming_scores": _as_a_stream(
                found.logits, videos, dataset, as_in_paper, card["rate"], run_time(model, videos, form), form
            ),
        }
    if len(rows) == 2:
        result["agreement"] = _agreement(rows, result)
    return result | provenance(command)


def _counted(
    logits: Sequence[np.ndarray], videos: Sequence[Video], dataset: Dataset, as_in_paper: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (N, K) and labels (N, C) of the frames that count."""
    masks = [scored_frames(video.targets, dataset.ambiguous, as_in_paper) for video in videos]
    kept = np.concatenate([rows[mask] for rows, mask in zip(logits, masks, strict=True)])
    targets = np.concatenate([video.targets[mask] for video, mask in zip(videos, masks, strict=True)])
    if not len(kept):
        raise ValueError("no frame is left to score")
    return probabilities(kept, dataset.ambiguous, as_in_paper), targets


def _as_a_stream(
    logits: Sequence[np.ndarray],
    videos: Sequence[Video],
    dataset: Dataset,
    as_in_paper: bool,
    rate: float,
    seconds: float,
    form: str,
) -> dict[str, Any]:
    """Streaming scores of the most probable class, answered at once and after ``seconds`` a frame."""
    kept = scored_classes(len(dataset.classes), dataset.ambiguous, as_in_paper)
    streams = []
    for rows, video in zip(logits, videos, strict=True):
        likely = probabilities(rows, dataset.ambiguous, as_in_paper)
        best, truth = likely.argmax(1), video.targets.argmax(1)
        truth = np.where(np.isin(truth, kept), truth, 0)  # an action that is not scored is none
        truth[~scored_frames(video.targets, dataset.ambiguous, as_in_paper)] = NONE
        times = np.arange(len(rows)) / rate
        streams.append(Answers(times, 1 / rate, np.array(kept)[best], truth, likely.max(1) >= SURE))
    skips = form == "windowed"  # what is recomputed anyway can leave frames out
    late = [out_at(stream.times, np.full(len(stream.times), seconds), skips) for stream in streams]
    slow = {"seconds_p50": seconds} | streaming_scores(streams, dataset.classes, {0}, late)
    return {"sure": SURE} | streaming_scores(streams, dataset.classes, {0}) | {"with_run_time": slow}


def _agreement(rows: dict[str, np.ndarray], result: dict[str, Any]) -> dict[str, Any]:
    apart = {
        name: abs((result["windowed"][name] or 0.0) - (result["streaming"][name] or 0.0))
        for name in ("mAP", "mcAP")
    }
    largest = float(np.abs(rows["windowed"] - rows["streaming"]).max())
    return {"max_probability": largest, **apart, "agree": all(value <= AGREE for value in apart.values())}


def _stored_preset(card: dict[str, Any], config: dict[str, Any]) -> Preset:
    name, _, features = card["preset"].partition("/")
    return Preset(name, features, config, card["continual"])


def _macs(preset: Preset) -> dict[str, int]:
    """Multiply-accumulates of one prediction, in the ways in which it can be computed."""
    if preset.model == "OadTR":
        modes = ["regular"]  # the decoder wants every output of the encoder
    else:
        modes = ["regular", "regular_last"] + (["continual"] if preset.continual else [])
    return {mode: sum(preset.macs(mode).values()) for mode in modes}


def provenance(command: str) -> dict[str, Any]:
    """What a result is to be repeated with."""
    return {
        "command": command,
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
        "threads": torch.get_num_threads(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
