"""`evaluate`: how right weights are on recordings, on rendered people or on labelled film, told in words."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.capture.media import CaptureError
from app.learning import CACHE, music_tokens, refuse
from app.outputs import check_writable, whole
from app.pipeline.stream import HOLD
from app.pipeline.tasks import ASSETS

if TYPE_CHECKING:
    from app.features.sound import SoundTokens


def evaluate(
    task: str,
    data: Sequence[Path] | None,
    weights: Path | None,
    *,
    film: Path | None = None,
    mapping: Path | None = None,
    everybody: bool = False,
    drawn: bool = False,
    engine: str = "torch",
    acted: bool = False,
    jobs: int = 1,
    cache: Path | None = None,
    json_path: Path | None = None,
) -> int:
    """Score weights in streaming continual mode, on ``data`` or on labelled ``film``; returns the exit code.

    With ``acted`` recorded clips are done by rendered people before the pose network itself, ``jobs`` at
    once, and kept in ``cache``.  The figures go to ``json_path`` (``-``: standard output) as JSON, else they
    are told in words.
    """
    weights = weights or ASSETS / f"{task}.safetensors"
    in_words = _in_words
    try:
        check_writable(json_path)
        if film is not None and data is None and task == "actions":
            from app import film as films

            figures, in_words = films.evaluate(film, weights, jobs), films.in_words
        elif film is not None or data is None:
            raise ValueError("name what to score on: --data, or for actions --film instead")
        elif task == "actions":
            from app.staged import staged
            from models.training.actions import learn as actions

            figures = actions.evaluate(
                data,
                weights,
                mapping=mapping,
                everybody=everybody,
                drawn=drawn,
                engine=engine,
                hold=HOLD,
                stage=partial(staged, cache=cache or CACHE, jobs=jobs) if acted else None,
            )
        else:
            from models.training.genres import learn as genres

            extractor = _hearing_of(weights)
            figures = genres.evaluate(data, weights, partial(music_tokens, extractor), engine, everybody)
    except (ValueError, OSError, ImportError, CaptureError) as error:
        return refuse(error)
    for reason in figures.get("skipped", ()):
        print(f"Skipped: {reason}", file=sys.stderr)
    if json_path is None:
        print(in_words(figures))
    elif json_path == Path("-"):
        print(json.dumps(figures))
    else:
        try:
            with whole(json_path) as written:
                written.write(json.dumps(figures, indent=1) + "\n")
        except OSError as error:
            return refuse(error)
    return 0


def _hearing_of(weights: Path) -> SoundTokens:
    """The extractor of the tokens that weights were trained on."""
    from app.pipeline.tasks import hearing
    from models.checkpoint import read_card

    if not weights.is_file():
        raise FileNotFoundError(f"no weights at {weights}: expected a .safetensors file")
    return hearing(read_card(weights)[1]["features"])


def _in_words(figures: dict[str, Any]) -> str:
    def share(name: str) -> str:
        low, high = figures[f"{name}_ci"]
        return f"{figures[name]:.3f}  (95 %: {low:.3f} to {high:.3f})"

    if "other_recall" in figures:
        lines = _actions_in_words(figures)
    else:
        lines = [f"{figures['n']} clips, token by token"]
    lines += [
        f"by clip       {share('clip_accuracy')}",
        f"top 3         {share('top3')}",
        f"expected calibration error  {figures['ece']:.3f}",
        f"by tick       {share('tick_accuracy')}",
        f"above the threshold  {_of(figures['selective_accuracy'])} of {figures['coverage']:.3f} of ticks",
        "recall by class",
        *(
            f"  {name:15} {value:.2f}{_mistaken(figures, name)}"
            for name, value in figures["per_class"].items()
        ),
    ]
    if left_out := figures.get("trained_on", {}).get("left_out"):
        lines.append(
            f"left out: {left_out} recordings of tracks that trained the weights (--all scores them)"
        )
    if scored := figures.get("trained_on", {}).get("scored"):
        lines.append(f"{scored} of them are of tracks that trained: no score of what is new")
    if baseline := figures.get("baseline"):
        recall = f", {_of(baseline['mean_recall'])} mean recall" if "other_recall" in baseline else ""
        lines.append(
            f"linear probe  {baseline['tick_accuracy']:.3f} by tick, {baseline['clip_accuracy']:.3f} by clip"
            + recall
        )
    return "\n".join(lines)


def _actions_in_words(figures: dict[str, Any]) -> list[str]:
    """What of recorded actions comes first, and what is apart from them."""
    lines = [
        f"{figures['n']} recorded clips of {figures['people']} people, token by token; intervals by people"
    ]
    if figures["mean_recall"] is not None:
        low, high = figures["mean_recall_ci"]
        lines.append(
            f"mean recall   {figures['mean_recall']:.3f}  (95 %: {low:.3f} to {high:.3f}) of the actions"
        )
    lines.append(f"other         {_of(figures['other_recall'])}")
    if decision := figures.get("decision"):
        lines.append(
            f"named in the end  {_of(decision['named'])} of the actions, another action first "
            f"{_of(decision['misnamed'])}; of other named as an action {_of(decision['other_misnamed'])}"
        )
        if by_class := decision["named_by_class"]:
            lines.append("  " + ", ".join(f"{name} {share:.2f}" for name, share in by_class.items()))
        if decision["named"]:
            lines.append(
                f"  median {decision['median_s']:.2f} s from where the movement begins, 9 of 10 in "
                f"{decision['p90_s']:.2f} s; {decision['within_1_2_s']:.3f} of all in 1.2 s"
            )
    if rest := figures["rest"]:
        lines.append(
            f"apart: rest   {rest['clip_recall']:.3f} of {rest['n']} times, {rest['tick_recall']:.3f} by tick"
        )
    if drawn := figures["drawn"]:
        recalls = ", ".join(f"{name} {value:.2f}" for name, value in drawn["per_class"].items())
        lines.append(f"apart: drawn  {recalls} of {drawn['n']} clips")
    return lines


def _of(share: float | None) -> str:
    return "none" if share is None else f"{share:.3f}"


def _mistaken(figures: dict[str, Any], name: str) -> str:
    """What clips of a class were taken for, the most frequent first."""
    labels = figures["labels"]
    row = figures["confusion"][labels.index(name)]
    wrong = sorted(
        (-count, other) for count, other in zip(row, labels, strict=True) if count and other != name
    )
    return "  taken for " + ", ".join(f"{other} {-count}" for count, other in wrong) if wrong else ""
