"""Training and evaluation of the action model, from recordings of skeletons to a checkpoint with its card."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.torch import save_file

from models.checkpoint import label_thresholds, load_checkpoint, save_checkpoint
from models.extractors.pose import LEGWORK, RECIPE, SIZE
from models.training.actions.acted import Acted
from models.training.actions.filmed import Footage, Said, film_figures, thresholds
from models.training.actions.held_out import hold_out, line, pooled, probed
from models.training.actions.learner import FOLDS, MODEL, PUPIL, RATE, WINDOW, Learner, fold, learn
from models.training.actions.recordings import Flat, load_recordings, taught
from models.training.actions.scoring import Case, cases, judge
from models.training.actions.skeletons import Clip, read_mapping
from models.training.actions.stills import load_stills
from models.training.actions.streams import Studio
from models.training.baselines import load_probe, probe_path
from models.training.calibration import cross_calibrate
from models.training.streaming import continual_logits

RIGHT = 0.915  # of what is named, on people held out: sets the rejection threshold
Act = Callable[[list[Clip | Flat], list[str]], list[Acted]]
Cases = Callable[[list[Clip | Flat], list[str], float], list[Case]]


def train(
    data: Sequence[Path],
    out: Path,
    *,
    mapping: Path | None = None,
    extra: Sequence[Path] = (),
    films: Sequence[Footage] = (),
    act: Act | None = None,
    depth: bool = True,
    teachers: Sequence[Path] = (),
    start: Path | None = None,
    soup: Sequence[Path] = (),
    rarer: float | None = None,
    folds: bool = False,
    jobs: int = 1,
    streams: int = 2400,
    steps: int = 4000,
    model: dict[str, Any] | None = None,
    seed: int = 0,
    hold: float | None = None,
    cache: Path | None = Path("cache"),
    progress: bool = True,
    command: str = "",
) -> dict[str, Any]:
    """Train an action model, calibrate and score it on people it never saw, and write it to ``out``.

    With ``folds``, people are split into five, and each fifth is held out of a training of its own.  What
    these five models say of those whom they never saw gives the scores, the temperature and the threshold of
    a sixth, which everybody trains and which is written.  Without, there is one training, without the last
    fifth, who give the same.  Nothing else is chosen by them.  The linear probe that was trained on the same
    is written beside.

    Parameters
    ----------
    data : sequence of Path
        Sets of skeletons, see :mod:`models.training.actions.skeletons`.
    out : Path
        The checkpoint to write.
    mapping : Path, optional
        In place of the committed ``action_mapping.json``.
    extra : sequence of Path
        Poses to train on only, see :mod:`models.training.actions.stills`.
    films : sequence of Footage
        Real films: the trained model is judged on them, and they set how sure it has to be of each name.
    act : callable, optional
        Makes acted streams of the recordings and the classes, to train on with the simulated ones.
    depth : bool
        Whether the body in space is learnt from, as far as the pose network tells it.
    teachers : sequence of Path
        Checkpoints of other trainings without the last fifth: what they say of the streams on the mean, of
        which there are TAUGHT times as many then, is learnt, too.
    start : Path, optional
        Other weights without the last fifth, of this shape and these classes, to go on from.
    soup : sequence of Path
        Such weights in place of a training, see :class:`models.training.actions.soup.Soup`: their mean is
        calibrated, scored and written.  Of one alone it is these weights with a new card.
    rarer : float, optional
        Nats by which "other" is less likely in the end, see :class:`models.training.actions.learner.Learner`:
        more is named, and more of it wrongly.
    folds : bool
    jobs : int
        Trainings at once, of the six that ``folds`` needs, each in a process of its own that takes some
        5 GB.
    streams, steps : int
        Training streams of 40 s, and optimizer steps.
    model : dict, optional
        Changes to MODEL.
    seed : int
    hold : float, optional
        As of :func:`evaluate`.
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
        If the data cannot be used, see :func:`models.training.actions.skeletons.load_clips` and
        :func:`models.training.actions.stills.load_stills`, or has too few people;
        or teachers, what it starts from or a soup know other classes, or those who are held out;
        or there are teachers, a start, acted streams or extra poses beside a soup;
        or ``rarer`` is not finite.
    """
    if soup and (teachers or start is not None or act is not None or extra):
        raise ValueError(
            "a soup is weights that have been trained: expected nothing more to learn from beside it"
        )
    if rarer is not None and not math.isfinite(rarer):
        raise ValueError(f"rarer is {rarer} nats, expected a finite number")
    known = read_mapping(mapping)
    classes = known["classes"]
    clips = load_recordings(data, known)
    stills = [still for path in extra for still in load_stills(path, known)]
    shape = MODEL | (PUPIL if teachers else {}) | (model or {})
    ours = taught(clips, known)
    acted = act(ours, classes) if act is not None else []
    learner = Learner(
        ours,
        stills,
        classes,
        shape,
        streams,
        steps,
        seed,
        cache,
        out.stem,
        progress,
        acted=acted,
        depth=depth,
        teachers=teachers,
        start=start,
        soup=soup,
        rarer=rarer,
    )

    left_out = [*range(FOLDS), None] if folds else [FOLDS - 1]
    made = learn(learner, left_out, jobs)
    held = [
        hold_out(learner, k, *both, clips) for k, both in zip(left_out, made, strict=True) if k is not None
    ]
    network, probe = made[-1]
    whole, apart = cross_calibrate([part.rows for part in held], [part.targets for part in held], RIGHT)
    scores: dict[str, Any] = {}
    chosen: dict[str, float] = {}
    if films:
        ticks = _ticks(hold) or 1
        means, may_be = zip(*(part.said(whole.temperature, ticks) for part in held), strict=True)
        said = Said(np.concatenate(means), np.concatenate(may_be))
        logits = continual_logits(network, [film.tokens for film in films])
        chosen = thresholds(said, films, logits, classes, whole, ticks)
        scores["film"] = film_figures(said, films, logits, classes, whole, ticks)
    naming = {
        "labels": classes,
        "temperature": whole.temperature,
        "threshold": whole.threshold,
        "thresholds": chosen,
    }
    of_class = label_thresholds(naming)
    scores = {"held_out": pooled(held, apart, of_class, classes, _ticks(hold))} | scores
    if folds:
        scores["folds"] = [line(part, own, classes) for part, own in zip(held, apart, strict=True)]
    card = {
        "task": "actions",
        **naming,
        "rate": RATE,
        "window": WINDOW,
        "features": {"extractor": "MediaPipe PoseLandmarker", "rate": RATE} | RECIPE,
        "data": {
            "sets": sorted({clip.name.partition("/")[0] for clip in clips}),
            "clips": len(clips),
            "untaught": len(clips) - len(ours),
            "stills": len(stills),
            "films": len(films),
            "acted": len(acted),
            "depth": depth,
            "teachers": [path.name for path in teachers],
            "start": start.name if start is not None else "",
            "soup": [path.name for path in soup],
            "rarer": rarer,
            "note": "skeletons of real people, joints marked in video, poses from photographs and drawn "
            "motion, through a simulated camera and pose network; acted: so many streams more of rendered "
            "bodies, seen by the pose network itself; depth: whether the body in space was learnt from; "
            "teachers: weights whose answers were learnt; start: weights that this went on from; soup: "
            "weights whose mean this is, which learnt in its place; rarer: nats by which other is less "
            "likely, if not as usual; films set the thresholds only",
        },
        "split": {
            "by": "person",
            "training": sorted({one.person for one in clips if fold(one.person) != left_out[-1]}),
            "held out": "each fifth of them from a training of its own, which gives the scores"
            if folds
            else held[0].people,
        },
        "scores": scores,
        "licence": "Trained on research data, for most of which no licence is stated: see the README.",
        "limits": "One person, upright at least a quarter of the picture high.  The legs must be in it for "
        f"{', '.join(name for name in classes if name in LEGWORK)}.  Walk is in place; walking somewhere is "
        "other.  A punch straight at the camera hardly shows.  What is none of the classes is 'other' or not "
        "sure.",
        "command": command or f"python main.py train actions --data … --out {out.name}",
        "seed": seed,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }
    save_checkpoint(out, network, card)
    save_file(probe.state_dict(), probe_path(out))
    return card


def _ticks(hold: float | None) -> int | None:
    return None if hold is None else max(1, round(hold * RATE))


def evaluate(
    data: Sequence[Path],
    weights: Path,
    *,
    mapping: Path | None = None,
    everybody: bool = False,
    drawn: bool = False,
    views: int = 1,
    engine: str = "torch",
    hold: float | None = None,
    stage: Cases | None = None,
) -> dict[str, Any]:
    """Score a checkpoint in streaming continual mode, token by token.

    Parameters
    ----------
    data : sequence of Path
    weights : Path
    mapping : Path, optional
        In place of the committed one; its classes must be the checkpoint's.
    everybody : bool
        Whether those who trained the weights are scored too.
    drawn : bool
        Whether drawn clips of what nobody recorded are scored, apart.
    views : int
        Simulated cameras for each recording.
    engine : str
        One of :data:`models.engines.engine.NAMES`.
    hold : float, optional
        Seconds that an answer must stand before it counts: adds ``decision``, how soon a clip is named.
    stage : callable, optional
        Makes the cases of recordings with depth, the classes and the rate, as rendered people act them; the
        others, and what is drawn, are not judged then.

    Returns
    -------
    dict
        See :func:`models.training.actions.scoring.judge`; and ``baseline``, the same of the linear probe that
        lies beside the weights, or None; and ``skipped``, a line for each set that cannot be used.

    Raises
    ------
    ValueError
        If the checkpoint is another task's or the data has nobody to judge.
    """
    model, card = load_checkpoint(weights)
    known = read_mapping(mapping)
    if card["task"] != "actions" or card["labels"] != known["classes"]:
        raise ValueError(f"{weights} is not an action model with the classes of the mapping")
    clips, skipped = [], []
    for path in data:
        try:
            clips += load_recordings([path], known)
        except ValueError as error:
            skipped.append(str(error))
    if not clips:
        raise ValueError("\n".join(skipped))
    if not everybody:
        clips = [clip for clip in clips if clip.person not in card["split"]["training"]]
    if not clips:
        raise ValueError(
            f"everybody in this data trained the weights ({', '.join(card['split']['training'])}): "
            "--all-people judges them nevertheless"
        )
    probe = None
    if probe_path(weights).exists():
        probe = load_probe(weights, SIZE, len(known["classes"]), model.window)
    if stage is not None:
        judged = stage(clips, known["classes"], card["rate"])
    else:
        judged = cases(Studio(clips, known["classes"], card["rate"]), clips, views, drawn)
    logits = continual_logits(model, [case.tokens for case in judged], engine)
    of_class = label_thresholds(card)
    figures = judge(logits, judged, card["labels"], card["temperature"], of_class, _ticks(hold), card["rate"])
    figures |= {"skipped": skipped, "baseline": None}
    if probe is not None:
        figures["baseline"] = judge(probed(probe, judged), judged, card["labels"], 1.0, 0.0)
    return figures
