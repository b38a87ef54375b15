"""Options that do not go together: whoever gave one that is ignored believes that it counted."""

from __future__ import annotations

import argparse

from app.arguments import parser

#: Options of `train` and `evaluate` that are of one task alone.
OF_TASK = {
    "actions": ["mapping", "film", "acted", "depth", "teachers", "start", "soup", "rarer", "drawn"],
    "genres": ["elsewhere", "hearing"],
}
#: Options of `train` that its table of models does not take.
ALONE = [*OF_TASK["actions"][1:], "folds", "blocks", "streaming", "hearing"]


def misplaced(args: argparse.Namespace) -> str:
    """Which option of `train` or `evaluate` does not go with the others and would be ignored; or ""."""
    least = [args.command, args.task, "--data", "."]
    without = vars(parser().parse_args(least + ["--out", "."] * (args.command == "train")))
    given = {name for name, value in vars(args).items() if name in without and value != without[name]}
    for task, names in OF_TASK.items():
        if task != args.task and (wrong := given & set(names)):
            return f"{_option(wrong)} is for {task}: {args.command} {args.task} does not take it"
    if "model" in given and (wrong := given & set(ALONE)):
        return f"{_option(wrong)} does not go with --model, which trains for a table"
    return "--steps is for --model" if "steps" in given and "model" not in given else ""


def _option(names: set[str]) -> str:
    """The first of some names, as it is given."""
    return "--no-depth" if min(names) == "depth" else f"--{min(names)}"
