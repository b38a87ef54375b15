"""The command line."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app import oad, streams, windows
from app.arguments import parser
from app.misplaced import misplaced
from app.pipeline.priority import one_thread_a_step
from app.program import COMMAND

if TYPE_CHECKING:
    from app.pipeline.state import Mode

# Everything else is imported by the command that needs it: `doctor` runs where libraries are missing, and
# `devices` does not wait for torch.


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    args = parser().parse_args(arguments)
    command = " ".join([COMMAND, *(sys.argv[1:] if arguments is None else arguments)])
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # A terminated job ends as one that Ctrl-C ended: its output stays readable.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        match args.command:
            case "doctor":
                from app import doctor

                return doctor.run()
            case "devices":
                from app.capture import devices

                print(json.dumps(devices.listing(), indent=2) if args.json else devices.report())
                return 0
            case "flops":
                from models.paper import flops

                return flops.run(json=args.json)
            case "bench" if args.seconds is not None and not args.seconds > 0:
                print(f"--seconds is {args.seconds:g}, expected more than 0.", file=sys.stderr)
                return 2
            case "bench" if args.window:
                return windows.bench(args.file, args.seconds or 60.0, args.json)
            case "bench" if args.up_to is not None:
                one_thread_a_step()
                from app.pipeline import cameras_bench

                return cameras_bench.run(args.file, args.seconds or 8.0, args.up_to, args.json)
            case "bench" if args.music:
                one_thread_a_step()
                from app.pipeline import music_bench

                return music_bench.run(args.json)
            case "bench" if args.rivals:
                from models.rivals import table

                return table.run(args.json, args.threads, args.steps)
            case "bench":
                if arguments is None and os.name == "posix":
                    _have_threads_sleep()
                from models.engines import bench

                return bench.run(json=args.json, threads=args.threads, streams=args.streams)
            case "export":
                from models.engines import export

                return export.run(args.weights, args.target, args.triton)
            case "train" | "evaluate" if reason := misplaced(args):
                print(reason, file=sys.stderr)
                return 2
            case "train":
                one_thread_a_step()
                from app import learning

                if args.model:
                    return learning.compare(
                        args.task,
                        args.data,
                        args.model,
                        args.out,
                        mapping=args.mapping,
                        extra=args.extra,
                        elsewhere=args.elsewhere,
                        cache=args.cache,
                        steps=args.steps,
                        seed=args.seed,
                    )
                return learning.train(
                    args.task,
                    args.data,
                    args.out,
                    mapping=args.mapping,
                    extra=args.extra,
                    elsewhere=args.elsewhere,
                    film=args.film,
                    cache=args.cache,
                    seed=args.seed,
                    folds=args.folds,
                    acted=args.acted,
                    depth=args.depth,
                    teachers=args.teachers,
                    start=args.start,
                    soup=args.soup,
                    rarer=args.rarer,
                    hearing=args.hearing,
                    jobs=args.jobs,
                    shape={"blocks": args.blocks} | ({"deep": "streaming"} if args.streaming else {}),
                    command=command,
                )
            case "evaluate":
                one_thread_a_step()
                from app import evaluation

                return evaluation.evaluate(
                    args.task,
                    args.data,
                    args.weights,
                    film=args.film,
                    mapping=args.mapping,
                    everybody=args.all_people,
                    drawn=args.drawn,
                    engine=args.engine,
                    acted=args.acted,
                    jobs=args.jobs,
                    cache=args.cache,
                    json_path=args.json,
                )
            case "teach":
                one_thread_a_step()
                from app import teach

                return teach.run(args.task, args.folder, args.out, args.on, args.seed, args.steps, command)
            case "oad":
                return oad.run(args, command)
            case "run":
                return _run(args)
            case _ if streams.several(args):
                return windows.grid(args)
            case _:
                return windows.window(args)
    except KeyboardInterrupt:
        return 130


def _run(args: argparse.Namespace) -> int:
    one_thread_a_step()
    if not windows.can_be_had(args):
        return 2
    mode: Mode = args.mode or "continual"
    if len(args.paths) == 1 and args.cluster is None and not args.paths[0].is_dir():
        from app.pipeline import headless

        return headless.run(args.paths[0], mode, args.json, args.actions, args.annotate, genres=args.genres)
    from app.pipeline import many

    return many.run(
        args.paths,
        mode,
        args.json,
        actions=args.actions,
        genres=args.genres,
        annotated=args.annotate,
        jobs=args.jobs,
        cluster=args.cluster,
    )


def _have_threads_sleep() -> None:
    """Start over with libraries whose idle threads soon sleep: else they take others' cores."""
    # Read when the libraries load.  Long enough to be awake for the next product of the same step.
    asleep = {"GOMP_SPINCOUNT": "100000", "OPENBLAS_THREAD_TIMEOUT": "4"}
    if not asleep.keys() <= os.environ.keys():
        os.environ.update(asleep)
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
