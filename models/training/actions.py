"""Training and evaluation of the action model, from recordings of skeletons to a checkpoint with its card."""

from __future__ import annotations

import datetime
import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from tqdm import tqdm

from models.checkpoint import load_checkpoint, save_checkpoint
from models.classifier import ContinualTransformer
from models.pose import RECIPE, SIZE
from models.training.baselines import Probe, probe_path
from models.training.calibration import choose_threshold, fit_temperature, softmax
from models.training.dense import EveryTick, Stretches
from models.training.scoring import Case, cases, continual_logits, judge
from models.training.skeletons import Clip, load_clips, read_mapping
from models.training.streams import UNSAID, Stream, Studio
from models.training.train import fit

log = logging.getLogger(__name__)

RATE = 15.0  # ticks a second
WINDOW = 64  # tokens: 4.3 s
FOLDS = 5
RIGHT = 0.915  # of what is named, on validation people: sets the rejection threshold
STREAM = 40.0  # seconds of a training stream
#: How often a class counts in training, against 1 for the others.
OFTEN = {"idle": 2.0, "other": 3.0}
MODEL = {"model_size": 192, "heads": 6, "feedforward": 384, "blocks": 1, "dropout": 0.2}


def fold(person: str) -> int:
    """Which of the five folds a person ("set/number") belongs to."""
    return (int(person.rpartition("/")[2]) - 1) % FOLDS


def make_streams(
    clips: Sequence[Clip],
    classes: Sequence[str],
    count: int,
    seed: int,
    cache: Path | None = None,
    progress: bool = True,
) -> list[Stream]:
    """Streams of the people in ``clips``; kept in ``cache`` and read from there the next time."""
    from models.training import body, camera, gestures, motions, skeletons
    from models.training import streams as streams_module

    # A stream depends on the code that makes it.
    parts_of_it = (body, camera, gestures, motions, skeletons, streams_module)
    sources = b"".join(Path(str(module.__file__)).read_bytes() for module in parts_of_it)
    recipe = [RECIPE, sorted(clip.name for clip in clips), list(classes), count, seed, STREAM]
    key = hashlib.sha256(sources + json.dumps(recipe).encode()).hexdigest()[:16]
    file = cache / f"actions-{key}.npz" if cache is not None else None
    if file is not None and file.exists():
        with np.load(file) as kept:
            ends = kept["ends"][:-1]
            parts = [np.split(kept[name], ends) for name in ("tokens", "labels", "poses")]
        return [Stream(t.astype(np.float32), n, p) for t, n, p in zip(*parts, strict=True)]
    studio = Studio(clips, classes, RATE)
    made = [
        studio.stream(np.random.default_rng([seed, i]), STREAM)
        for i in tqdm(range(count), desc="simulate", unit="stream", disable=not progress)
    ]
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            file,
            tokens=np.concatenate([s.tokens for s in made]),
            labels=np.concatenate([s.labels for s in made]),
            poses=np.concatenate([s.poses for s in made]),
            ends=np.cumsum([len(s.labels) for s in made]),
        )
    return made


def train(
    data: Sequence[Path],
    out: Path,
    *,
    mapping: Path | None = None,
    test_fold: int | None = None,
    folds: dict[str, Any] | None = None,
    streams: int = 800,
    steps: int = 1000,
    model: dict[str, Any] | None = None,
    seed: int = 0,
    cache: Path | None = Path("cache"),
    progress: bool = True,
    command: str = "",
) -> dict[str, Any]:
    """Train an action model, calibrate it, score it once on people it never saw, and write it to ``out``.

    People are split into five folds: ``test_fold`` is for the scores, the next one (the last without a
    ``test_fold``) chooses weights, temperature and threshold, the others train.  The linear probe that was
    trained on the same is written beside.

    Parameters
    ----------
    data : sequence of Path
        Sets of skeletons, see :mod:`models.training.skeletons`.
    out : Path
        The checkpoint to write.
    mapping : Path, optional
        In place of the committed ``action_mapping.json``.
    test_fold : int, optional
        0 to 4; without it all people but the validation fold's train, and nobody is left for scores.
    folds : dict, optional
        Of :func:`cross_validate`, for the card.
    streams, steps : int
        Training streams of 40 s, optimizer steps.
    model : dict, optional
        Changes to MODEL.
    seed : int
    cache : Path, optional
        Folder for streams and for the state of an interrupted run; None: neither is kept.
    progress : bool
        Whether to show bars on stderr.
    command : str
        For the card: how this was called.

    Returns
    -------
    dict
        The card.

    Raises
    ------
    ValueError
        If the data cannot be used, see :func:`models.training.skeletons.load_clips`.
    """
    known = read_mapping(mapping)
    classes = known["classes"]
    clips = load_clips(data, known)
    part_of = {clip.name: fold(clip.person) for clip in clips}
    validation_fold = FOLDS - 1 if test_fold is None else (test_fold + 1) % FOLDS
    test = [clip for clip in clips if part_of[clip.name] == test_fold]
    validation = [clip for clip in clips if part_of[clip.name] == validation_fold]
    training = [clip for clip in clips if part_of[clip.name] not in (test_fold, validation_fold)]
    for name, part in (("training", training), ("validation", validation), ("test", test)):
        if not part and not (name == "test" and test_fold is None):
            raise ValueError(f"nobody for {name}: the data has too few people")

    stretches = Stretches(make_streams(training, classes, streams, seed, cache, progress), classes, OFTEN)
    watched = make_streams(validation, classes, max(2, streams * 3 // 40), seed + 1, cache, progress)
    checked = cases(Studio(validation, classes, RATE), validation)

    def validate(candidate: nn.Module) -> dict[str, float]:
        clip_recall = judge(
            continual_logits(network, [c.tokens for c in checked]), checked, classes, 1.0, 0.0
        )["mean_recall"]
        rows, targets = _said(continual_logits(network, [s.tokens for s in watched]), watched)
        hit = rows.argmax(1) == targets
        tick_recall = float(np.mean([hit[targets == c].mean() for c in np.unique(targets)]))
        return {"clips": clip_recall, "ticks": tick_recall, "score": clip_recall + tick_recall}

    torch.manual_seed(seed)
    network = ContinualTransformer(
        input_size=SIZE, classes=len(classes), window=WINDOW, **(MODEL | (model or {}))
    )
    kept = cache / f"actions-{out.stem}-{seed}.run" if cache is not None else None
    history = fit(
        EveryTick(network),
        stretches,
        steps=steps,
        lr=2e-3,
        seed=seed,
        validate=validate,
        every=max(1, min(200, steps)),
        progress=progress,
        checkpoint=kept,
    )
    probe = Probe(SIZE, len(classes), WINDOW)
    fit(probe, stretches, steps=steps, lr=3e-3, label_smoothing=0.0, seed=seed, progress=progress)

    rows, targets = _said(continual_logits(network, [s.tokens for s in watched]), watched)
    temperature = fit_temperature(rows, targets)
    threshold = choose_threshold(softmax(rows, temperature), targets, accuracy=RIGHT)
    scores: dict[str, Any] = {"validation": max(history, key=lambda entry: entry["score"])}
    if folds:
        scores["folds"] = folds
    if test:
        judged = cases(Studio(test, classes, RATE), test)
        scores["test"] = _judge(network, probe, judged, classes, temperature, threshold)
    card = {
        "task": "actions",
        "labels": classes,
        "rate": RATE,
        "window": WINDOW,
        "temperature": temperature,
        "threshold": threshold,
        "features": {"extractor": "MediaPipe PoseLandmarker", "rate": RATE} | RECIPE,
        "data": {
            "sets": sorted({clip.name.partition("/")[0] for clip in clips}),
            "clips": len(clips),
            "note": "skeletons of real people and drawn motion, through a simulated camera and pose network; "
            "arms raised and jumping jack are drawn only",
        },
        "split": {
            "by": "person",
            "test": sorted({clip.person for clip in test}),
            "validation": sorted({clip.person for clip in validation}),
            "training": sorted({clip.person for clip in training}),
        },
        "scores": scores,
        "licence": "Trained on MSR Action3D and UTD-MHAD, which are research datasets: see the README.",
        "limits": "One person, mostly facing the camera.  Kicks, squats, lunges and walking need the legs in "
        "the picture.  What is none of the classes is 'other' or not sure.",
        "command": command or f"python main.py train actions --data … --out {out.name}",
        "seed": seed,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }
    save_checkpoint(out, network, card)
    save_file(probe.state_dict(), probe_path(out))
    return card


def cross_validate(data: Sequence[Path], cache: Path, **options: Any) -> dict[str, Any]:
    """Train five times, each time with another fold of people held out; options as of :func:`train`.

    Returns
    -------
    dict
        ``folds``: a fold's people, clip accuracy, mean recall and calibration error, and the probe's; and the
        mean of each, over the folds.
    """
    names = ("clip_accuracy", "mean_recall", "ece")
    folds = []
    for held_out in range(FOLDS):
        out = cache / f"actions-fold-{held_out}.safetensors"
        card = train(data, out, test_fold=held_out, cache=cache, **options)
        test = card["scores"]["test"]
        figures = {name: test[name] for name in names}
        probed = {f"probe_{name}": test["baseline"][name] for name in names}
        folds.append({"people": card["split"]["test"]} | figures | probed | {"per_class": test["per_class"]})
    scored = [*names, *(f"probe_{name}" for name in names)]
    return {"folds": folds, "mean": {name: float(np.mean([row[name] for row in folds])) for name in scored}}


def _judge(
    model: ContinualTransformer,
    probe: Probe | None,
    judged: Sequence[Case],
    classes: Sequence[str],
    temperature: float,
    threshold: float,
    engine: str = "torch",
    hold: float | None = None,
) -> dict[str, Any]:
    """The model's figures on clips, and the probe's as their ``baseline`` (None without it)."""
    tokens = [case.tokens for case in judged]
    ticks = None if hold is None else max(1, round(hold * RATE))
    figures = judge(
        continual_logits(model, tokens, engine), judged, classes, temperature, threshold, ticks, RATE
    )
    figures["baseline"] = None
    if probe is not None:
        with torch.inference_mode():
            probed = [probe(torch.from_numpy(stream)[None]).numpy() for stream in tokens]
        figures["baseline"] = judge(probed, judged, classes, 1.0, 0.0)
    return figures


def _said(logits: Sequence[np.ndarray], streams: Sequence[Stream]) -> tuple[np.ndarray, np.ndarray]:
    """Logits and labels of all ticks that have a label."""
    labels = np.concatenate([stream.labels for stream in streams])
    said = labels != UNSAID
    return np.concatenate(logits)[said], labels[said]


def evaluate(
    data: Sequence[Path],
    weights: Path,
    *,
    mapping: Path | None = None,
    people: str = "unseen",
    views: int = 1,
    engine: str = "torch",
    hold: float | None = None,
) -> dict[str, Any]:
    """Score a checkpoint in streaming continual mode, token by token.

    Parameters
    ----------
    data : sequence of Path
    weights : Path
    mapping : Path, optional
        In place of the committed one; its classes must be the checkpoint's.
    people : {"unseen", "validation", "all"}
        Those in ``data`` who neither trained nor chose the weights, those who chose them, or everybody.
    views : int
        Simulated cameras for each recording.
    engine : str
        One of :data:`models.engines.NAMES`.
    hold : float, optional
        Seconds that an answer must stand before it counts: adds ``decision``, how soon a clip is named.

    Returns
    -------
    dict
        See :func:`models.training.scoring.judge`; and ``baseline``, the same of the linear probe that lies
        beside the weights, or None.

    Raises
    ------
    ValueError
        If the checkpoint is another task's or the data has nobody to judge.
    """
    model, card = load_checkpoint(weights)
    known = read_mapping(mapping)
    if card["task"] != "actions" or card["labels"] != known["classes"]:
        raise ValueError(f"{weights} is not an action model with the classes of the mapping")
    clips = load_clips(data, known)
    split = card["split"]
    if people == "unseen":
        clips = [clip for clip in clips if clip.person not in (*split["training"], *split["validation"])]
    elif people == "validation":
        clips = [clip for clip in clips if clip.person in split["validation"]]
    if not clips:
        raise ValueError(
            f"the weights have seen everybody in this data ({', '.join(split['training'])} in training, "
            f"{', '.join(split['validation'])} when they were chosen): --all-people judges them nevertheless"
        )
    probe = None
    if probe_path(weights).exists():
        probe = Probe(SIZE, len(known["classes"]), model.window)
        probe.load_state_dict(load_file(probe_path(weights)))
    judged = cases(Studio(clips, known["classes"], card["rate"]), clips, views)
    return _judge(model, probe, judged, card["labels"], card["temperature"], card["threshold"], engine, hold)
