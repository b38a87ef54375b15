"""`train`: media to tokens by our own extractors, tokens to weights by `models.training`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import platformdirs

from app.capture.media import CaptureError
from app.outputs import check_writable, whole
from app.pipeline.stream import HOLD

if TYPE_CHECKING:
    from app.features.sound import SoundTokens

CACHE = Path(platformdirs.user_cache_dir("continual-live", appauthor=False)) / "training"


def train(
    task: str,
    data: Sequence[Path],
    out: Path,
    *,
    mapping: Path | None = None,
    extra: Sequence[Path] = (),
    elsewhere: Sequence[Path] = (),
    film: Path | None = None,
    cache: Path | None = None,
    seed: int = 0,
    folds: bool = False,
    acted: int = 0,
    depth: bool = True,
    teachers: Sequence[Path] = (),
    start: Path | None = None,
    soup: Sequence[Path] = (),
    rarer: float | None = None,
    hearing: Path | None = None,
    jobs: int = 1,
    shape: dict[str, Any] | None = None,
    command: str = "",
) -> int:
    """Train a task's model and write it to ``out``; returns the exit code.

    What was simulated or extracted is kept in ``cache``, and so is the state of an interrupted run: the same
    command goes on from there. With ``folds`` each fifth of the people or tracks is first held out of a
    training of its own, for the scores and the calibration of a model that all of them train; of the actions
    ``jobs`` trainings run at once. ``extra`` is only ever trained on; genres from ``elsewhere`` never are,
    but set how much is doubted, and genres may be heard with a file ``hearing`` of the user's own; labelled
    ``film`` judges the actions, and sets how sure a name must be. ``shape`` changes the model's, as its
    arguments do; ``acted`` streams of rendered people train the actions, too, and without ``depth`` what the
    pose network tells of the body in space does not; of ``teachers``, other weights, the answers are learnt,
    and from those of ``start`` it goes on; of ``soup`` the mean is calibrated and judged, without training;
    by ``rarer`` nats "other" is less likely than what was learnt has it.
    """
    cache = cache or CACHE
    try:
        check_writable(out)
        if task == "actions":
            from app.acted import act
            from app.film_poses import footage
            from models.training.actions import learn as actions

            scores = actions.train(
                data,
                out,
                mapping=mapping,
                extra=extra,
                films=footage(film, mapping, cache) if film is not None else (),
                act=partial(act, count=acted, seed=seed, cache=cache, jobs=jobs) if acted else None,
                depth=depth,
                teachers=teachers,
                start=start,
                soup=soup,
                rarer=rarer,
                folds=folds,
                jobs=jobs,
                model=shape,
                seed=seed,
                hold=HOLD,
                cache=cache,
                command=command,
            )["scores"]
        else:
            from models.training.genres import learn as genres

            extractor = _extractor(hearing)
            scores = genres.train(
                data,
                out,
                partial(music_tokens, extractor),
                extractor.features,
                extractor.rate,
                cache=cache,
                extra=extra,
                elsewhere=elsewhere,
                folds=folds,
                seed=seed,
                shape=shape,
                command=command,
            )
    except (ValueError, OSError, CaptureError) as error:
        return refuse(error)
    print(json.dumps(scores, indent=1))
    return 0


def compare(
    task: str,
    data: Sequence[Path],
    models: Sequence[str],
    out: Path,
    *,
    mapping: Path | None = None,
    extra: Sequence[Path] = (),
    elsewhere: Sequence[Path] = (),
    cache: Path | None = None,
    steps: int = 800,
    seed: int = 0,
) -> int:
    """Train models of these names on the same for a table, told and written to ``out``; the exit code."""
    try:
        check_writable(out)
        from models.training import contest

        cache = cache or CACHE
        if task == "actions":
            from models.training.actions import contest as actions

            table = actions.compare(
                data, models, mapping=mapping, extra=extra, steps=steps, seed=seed, cache=cache
            )
            columns = actions.COLUMNS
        else:
            from models.training.genres import contest as genres

            extractor = _extractor(None)
            table = genres.compare(
                data,
                models,
                partial(music_tokens, extractor),
                extractor.features,
                extractor.rate,
                elsewhere=elsewhere,
                steps=steps,
                seed=seed,
                cache=cache,
            )
            columns = genres.COLUMNS
        with whole(out) as written:
            written.write(json.dumps(table, indent=1) + "\n")
    except (ValueError, OSError) as error:
        return refuse(error)
    print(contest.in_words(table, columns))
    return 0


def _extractor(hearing: Path | None) -> SoundTokens:
    from app.features.mn04 import MN04Tokens, keep
    from app.features.music import MusicTokens

    return MusicTokens() if hearing is None else MN04Tokens(keep(hearing))


def music_tokens(extractor: SoundTokens, sound: np.ndarray, rate: int, boost: float = 0.0) -> np.ndarray:
    """Tokens (m, F) of a sound (n,) by a `SoundTokens`, made louder by ``boost`` dB after levelling."""
    from app.features.sound import tokenise

    extractor.boost = boost
    tokens = tokenise(sound, rate, extractor)
    return (
        np.stack([token.vector for token in tokens]) if tokens else np.zeros((0, extractor.size), np.float32)
    )


def refuse(error: Exception) -> int:
    """Say why a command does nothing; its exit code."""
    print(error, file=sys.stderr)
    return 2
