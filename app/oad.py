"""`oad`: the paper's experiments in online action detection, from label and feature files on disk."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.outputs import check_writable, whole

# Everything else is imported by the command that needs it, as in app.cli.


def run(args: argparse.Namespace, command: str) -> int:
    """Run a sub-command; returns the exit code: 2 for what cannot be used, 1 if the two forms disagree."""
    from app.capture.media import CaptureError

    try:
        check_writable(getattr(args, "json", None), args.out if args.action in ("train", "gtzan") else None)
        match args.action:
            case "features":
                from app import oad_features

                _set_threads(None)
                return oad_features.features(args)
            case "label":
                from app import oad_features

                return oad_features.label(args)
            case "check":
                return _check(args)
            case "train":
                return _train(args, command)
            case "evaluate":
                return _evaluate(args, command)
            case "gtzan":
                return _gtzan(args, command)
            case _:
                from models.training.oad import tables as oad_tables

                print(oad_tables.tables([_result(path) for path in args.results]))
                return 0
    except (ValueError, OSError, CaptureError) as error:
        print(error, file=sys.stderr)
        return 2


def _described(paths: Sequence[Path]) -> dict[str, Any] | None:
    """What `oad features` says of the features it made; None for others."""
    from app.oad_features import DESCRIPTION

    for path in paths:
        for stated in (path / DESCRIPTION, *sorted(path.glob(f"rgb_*/{DESCRIPTION}"))):
            if stated.is_file():
                return json.loads(stated.read_text("utf-8"))
    return None


def _gather(args: argparse.Namespace, splits: Sequence[str]) -> tuple[Any, Any]:
    """The dataset and the findings of a check of these splits."""
    from models.training.oad.check import check
    from models.training.oad.data import read_features, read_info, read_labels

    dataset = read_info(args.info or _info_beside(args.labels), args.dataset)
    labels = read_labels(args.labels)
    features = read_features(args.features) if args.features else None
    return dataset, check(dataset, labels, features, splits=splits, trim=args.trim)


def _info_beside(labels: Sequence[Path]) -> Path:
    for path in labels:
        for folder in (path, path.parent):
            found = sorted(folder.glob("data_info*.json")) if folder.is_dir() else []
            if found:
                return found[0]
    raise ValueError(f"no data_info.json beside {labels[0]}: name it with --info")


def _check(args: argparse.Namespace) -> int:
    from models.training.oad.check import SPLITS

    dataset, findings = _gather(args, SPLITS)
    print(f"{dataset.name}: {len(dataset.classes)} classes")
    print("\n".join(findings.found))
    print("\n".join(findings.faults) or "everything fits")
    return 2 if findings.faults else 0


def _usable(args: argparse.Namespace, split: str) -> tuple[Any, Any]:
    dataset, findings = _gather(args, (split,))
    if findings.faults:
        shown = findings.faults[:10]
        more = len(findings.faults) - len(shown)
        raise ValueError("\n".join(shown + ([f"and {more} more: see `oad check`"] if more else [])))
    return dataset, findings


def _train(args: argparse.Namespace, command: str) -> int:
    from models.training.oad import learn as oad

    _set_threads(args.threads)
    dataset, findings = _usable(args, "train")
    changes = {key: getattr(args, key) for key in ("positional", "period") if getattr(args, key) is not None}
    preset = oad.fitted_preset(args.preset, dataset, findings.size, changes)
    described = _described(args.features)
    scores = oad.train(
        preset,
        dataset,
        findings,
        args.out,
        recipe=args.recipe,
        epochs=args.epochs,
        steps=args.steps,
        batch=args.batch,
        lr=args.lr,
        seed=args.seed,
        as_in_paper=args.as_in_paper,
        rate=described["rate"] if described else args.rate,
        features=described,
        command=command,
    )
    print(json.dumps(scores))
    return 0


def _evaluate(args: argparse.Namespace, command: str) -> int:
    from models.training.oad.evaluation import evaluate

    _set_threads(args.threads)
    dataset, findings = _usable(args, args.split)
    result = evaluate(
        args.weights,
        dataset,
        findings,
        split=args.split,
        forms=("windowed", "streaming") if args.form == "both" else (args.form,),
        as_in_paper=args.as_in_paper,
        command=command,
    )
    _write(result, args.json)
    print(_in_words(result))
    if result.get("agreement", {}).get("agree") is False:
        print("The two forms do not agree: this is a fault of the program.", file=sys.stderr)
        return 1
    return 0


def _gtzan(args: argparse.Namespace, command: str) -> int:
    from models.training.oad.gtzan_paper import experiment, read_tokens

    _set_threads(args.threads)
    features = None
    folder = args.data
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder of recordings or tokens of GTZAN")
    if not any(folder.glob("*.npy")):
        folder, features = _extract(folder, args.cache)
    result = experiment(
        read_tokens(folder),
        args.out,
        model_name=args.preset,
        features=features,
        epochs=args.epochs,
        batch=args.batch,
        lr=args.lr,
        seed=args.seed,
        command=command,
    )
    _write(result, args.json)
    for form in ("windowed", "streaming"):
        low, high = result[form]["accuracy_ci"]
        print(
            f"{form:10} accuracy {result[form]['accuracy']:.3f} of {result[form]['tracks']} tracks "
            f"(95 %: {low:.3f} to {high:.3f})"
        )
    print(f"apart by    {result['agreement']['max_probability']:.1e} (the largest of all probabilities)")
    return 0 if result["agreement"]["agree"] else 1


def _extract(recordings: Path, cache: Path | None) -> tuple[Path, dict[str, Any]]:
    """Our extractor's tokens of a folder of recordings, four a second, kept in the cache; what they are."""
    import hashlib

    import numpy as np
    from tqdm import tqdm

    from app.features.music import MusicTokens
    from app.learning import CACHE, music_tokens
    from models.training.genres.audio import read
    from models.training.genres.songs import find_recordings
    from models.training.oad.gtzan_paper import RATE

    extractor = MusicTokens(rate=RATE)
    found, skipped = find_recordings([recordings])
    key = hashlib.sha256(f"{recordings.resolve()} {extractor.features}".encode()).hexdigest()[:16]
    folder = (cache or CACHE) / f"gtzan-{key}"
    folder.mkdir(parents=True, exist_ok=True)
    first: dict[str, Path] = {}
    for recording in tqdm(found, desc="tokens", unit="track"):
        path = folder / f"{recording.track}.npy"
        if first.setdefault(recording.track, recording.path) != recording.path:
            skipped.append(f"{recording.path}: {first[recording.track]} is of the same track")
            continue
        if path.exists():
            continue
        try:
            tokens = music_tokens(extractor, *read(recording.path))
        except ValueError as error:  # GTZAN has a damaged file: jazz.00054
            skipped.append(str(error))
            continue
        if len(tokens):
            np.save(path, tokens)
        else:
            skipped.append(f"{recording.path.name} is too short for a token")
    for reason in skipped:
        print(f"Skipped: {reason}", file=sys.stderr)
    return folder, extractor.features


def _write(result: dict[str, Any], path: Path | None) -> None:
    if path is not None:
        with whole(path) as out:
            out.write(json.dumps(result, indent=1) + "\n")


def _in_words(result: dict[str, Any]) -> str:
    from models.training import streaming_scores

    lines = [f"{result['preset']} on {result['videos']} videos of {result['dataset']} ({result['split']})"]
    for form in ("windowed", "streaming"):
        if form in result:
            figures = result[form]
            lines.append(
                f"{form:10} mAP {_percent(figures['mAP'])}  mcAP {_percent(figures['mcAP'])}  "
                f"{figures['frames']} frames, {figures['predictions_per_second']:,.0f} predictions a second"
            )
            scores = figures["streaming_scores"]
            late = scores["with_run_time"]
            lines.append(f"           at once: {streaming_scores.in_words(scores)}")
            lines.append(
                f"           after {1e3 * late['seconds_p50']:.2f} ms: {streaming_scores.in_words(late)}"
            )
    if "agreement" in result:
        apart = result["agreement"]
        lines.append(
            f"apart by    {apart['mAP']:.1e} (mAP), {apart['mcAP']:.1e} (mcAP), "
            f"{apart['max_probability']:.1e} (the largest of all probabilities)"
        )
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{100 * share:.3f} %"


def _result(path: Path) -> dict[str, Any]:
    try:
        result = json.loads(path.read_text("utf-8"))
        if "preset" not in result:
            raise ValueError("no preset in it")
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} is not a result of `oad evaluate`: {error}") from error
    return result


def _set_threads(threads: int | None) -> None:
    import torch

    if threads is not None and threads < 1:
        raise ValueError(f"threads is {threads}, expected at least 1")
    torch.set_num_threads(threads or os.cpu_count() or 1)
