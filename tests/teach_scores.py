"""How well gestures are taught, by films of people whom the shipped model never saw.

    python -m tests.teach_scores --film DATA/film/film.json [--way copy head own] [--json OUT.json]

Every span of "other" in a clean film that lasts long enough for four is a gesture: its first three pieces of
SECONDS are takes, the pieces after them later takes.  Three gestures at a time are taught as the command
`teach` does, without a take of nothing.  A later take is right when the first taught class that is named in
it is its own; in all other films, minutes of other people who exercise, each name of a taught class is wrong,
and what the shipped model says of a tick is kept, or not.

What learns is all of a copy of the shipped model (what ships), its head alone, or a small Continual
Transformer of its own, from nothing: all on the same lessons, with the same targets and thresholds.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from app.film_poses import footage
from app.pipeline.stream import HOLD
from app.pipeline.teaching import Teaching
from models.checkpoint import label_thresholds, load_checkpoint
from models.continual.classifier import ContinualTransformer
from models.training.actions.filmed import Footage
from models.training.calibration import softmax
from models.training.metrics import named
from models.training.streaming import continual_logits
from models.training.teach import Take
from models.training.teach_school import Pace, Pupil, with_classes

SECONDS, TAKES, LONG = 1.9, 3, 7.9


def pieces(film: Footage) -> list[slice]:
    """The ticks of takes of one gesture, in order; none of a film that shows no gesture long enough."""
    found = []
    for span in film.film.spans:
        if span.label == "other" and span.end - span.start >= LONG and not film.film.hard:
            begin = max(span.start, 0.4)
            while begin + SECONDS <= span.end + 0.3:
                first, last = np.searchsorted(film.times, [begin, begin + SECONDS])
                if film.somebody[first:last].all():
                    found.append(slice(int(first), int(last)))
                begin += SECONDS
    return found if len(found) > TAKES else []


def said(model: ContinualTransformer, card: dict[str, Any], film: Footage) -> np.ndarray:
    """The class named at each tick of a film, -1 for none, as the window has it."""
    (logits,) = continual_logits(model, [film.tokens])
    return named(
        softmax(logits, card["temperature"]),
        label_thresholds(card),
        round(HOLD * card["rate"]),
        film.somebody,
    )


def head_alone(base: ContinualTransformer, new: int, seed: int) -> ContinualTransformer:
    """A copy of which only the head learns."""
    copy = with_classes(base, new, seed).requires_grad_(False)
    copy.head.requires_grad_(True)
    return copy


def own_small(base: ContinualTransformer, new: int, seed: int) -> ContinualTransformer:
    """A small Continual Transformer that knows nothing yet."""
    torch.manual_seed(seed)
    small = {"model_size": 64, "feedforward": 128, "token_hidden": None, "dropout": 0.1}
    return ContinualTransformer(**base.config | small | {"classes": base.config["classes"] + new})


#: What learns, and how long: what begins from nothing, or with one matrix, gets more steps and larger ones.
WAYS: dict[str, tuple[Pupil, Pace]] = {
    "copy": (with_classes, Pace()),
    "head": (head_alone, Pace(steps=400, lr=1e-2)),
    "own": (own_small, Pace(steps=1000, lr=2e-3)),
}


def measure(
    films: list[Footage], before: list[np.ndarray], gestures: tuple[int, ...], way: str
) -> dict[str, Any]:
    """Teach the gestures of these films, and look at what is named then, and was before."""
    teaching = Teaching("actions")
    teaching.pupil, teaching.pace = WAYS[way]
    for k in gestures:
        for piece in pieces(films[k])[:TAKES]:
            teaching.add(Take(films[k].film.path.stem, films[k].poses[piece], films[k].film.path.name))
    began = time.process_time()
    taught, _ = teaching.train()
    spent = time.process_time() - began
    shipped = len(teaching.labels)
    right = later = wrong = kept = ticks = 0
    for k, film in enumerate(films):
        every = said(taught.model, taught.card, film)
        names = np.where(every >= shipped, every - shipped, -1)
        if k in gestures:
            for piece in pieces(film)[TAKES:]:
                own = names[piece][names[piece] >= 0]
                right, later = right + bool(len(own) and own[0] == gestures.index(k)), later + 1
        else:
            begun = np.append(True, names[1:] != names[:-1]) & (names >= 0)
            wrong, ticks = wrong + int(begun.sum()), ticks + len(names)
            kept += int((every == before[k]).sum())
    minutes = ticks / float(taught.card["rate"]) / 60
    return {
        "gestures": [films[k].film.path.name for k in gestures],
        "later_takes": later,
        "right": right,
        "wrong_names": wrong,
        "minutes": minutes,
        "kept": kept / ticks,
        "leave_one_take_out": taught.scores["right"],
        "core_seconds": spent,
        "macs": sum(taught.model.macs("continual").values()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="How well gestures are taught.")
    parser.add_argument("--film", type=Path, required=True, metavar="FILM.json")
    parser.add_argument("--way", nargs="+", choices=WAYS, default=["copy"], help="what learns (copy)")
    parser.add_argument("--json", type=Path, metavar="OUT.json")
    args = parser.parse_args()
    films = footage(args.film)
    shown = [k for k, film in enumerate(films) if pieces(film)]
    if len(shown) < 3:
        raise SystemExit(f"{args.film} shows {len(shown)} gestures of {LONG:g} s, expected at least 3")
    shipped = load_checkpoint(Teaching("actions").weights)
    before = [said(*shipped, film) for film in films]
    lessons = list(itertools.combinations(shown, 3))
    print(f"{len(lessons)} lessons of 3 gestures of {TAKES} takes of {SECONDS:g} s")
    table = {}
    for way in args.way:
        rows = [measure(films, before, chosen, way) for chosen in tqdm(lessons, desc=way, unit="lesson")]
        right, later, wrong, minutes, spent = (
            sum(row[key] for row in rows)
            for key in ("right", "later_takes", "wrong_names", "minutes", "core_seconds")
        )
        kept = np.mean([row["kept"] for row in rows])
        print(
            f"{way}: {right} of {later} later takes right ({right / later:.2f}); "
            f"{wrong / minutes:.2f} wrong names a minute elsewhere, where {kept:.2f} "
            f"of the ticks are named as before; {spent / len(rows):.0f} s of a core a lesson; "
            f"{rows[0]['macs'] / 1e6:.2f} M MACs a token"
        )
        table[way] = rows
    if args.json:
        args.json.write_text(json.dumps(table, indent=1), "utf-8")


if __name__ == "__main__":
    main()
