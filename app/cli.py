"""The command line.  No command opens the window."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app import oad, oad_arguments
from app.program import CHECKOUT, COMMAND

if TYPE_CHECKING:
    from app.logins import Logins
    from app.pipeline.session import Session
    from app.settings import Settings

# Everything else is imported by the command that needs it: `doctor` runs where libraries are missing, and
# `devices` does not wait for torch.


def _int_or_str(text: str) -> int | str:
    return int(text) if text.lstrip("-").isdigit() else text


def parser() -> argparse.ArgumentParser:
    """The arguments of the command line."""
    top = argparse.ArgumentParser(
        prog="main.py" if CHECKOUT else COMMAND,
        description="Names actions and music genres live with a Continual Transformer, and what that costs.",
        epilog="Without a command the window opens: on the camera and microphone, or on the demo clip.",
    )
    top.add_argument("--camera", type=_int_or_str, metavar="ID|NAME|URL", help="the camera to watch")
    top.add_argument("--mic", type=_int_or_str, metavar="ID|NAME", help="the microphone to listen to")
    top.add_argument("--file", type=Path, metavar="PATH", help="the media file to play")
    top.add_argument("--mode", choices=("continual", "regular", "both"), help="how to compute (continual)")
    top.add_argument("--actions", type=Path, metavar="WEIGHTS", help="another model of actions: see `oad`")
    commands = top.add_subparsers(dest="command", metavar="command")

    run = commands.add_parser("run", help="predict over a media file without a window")
    run.add_argument("path", type=Path, metavar="FILE")
    # SUPPRESS: the top level's --mode has the default, and `--mode both run FILE` must not lose its value
    run.add_argument("--mode", choices=("continual", "regular", "both"), default=argparse.SUPPRESS)
    run.add_argument("--actions", type=Path, metavar="WEIGHTS", default=argparse.SUPPRESS)
    run.add_argument(
        "--json",
        type=Path,
        metavar="OUT.jsonl",
        help="write every prediction, one JSON object a line (-: to standard output)",
    )
    run.add_argument(
        "--annotate",
        type=Path,
        metavar="OUT.mp4",
        help="write the film once more, with what was predicted drawn below its pictures, and its sound",
    )

    flops = commands.add_parser("flops", help="what the paper's models cost, in either mode")
    flops.add_argument("--json", action="store_true", help="as JSON, an object a line")

    bench = commands.add_parser("bench", help="time windows, steps and the authors' library on this machine")
    bench.add_argument("--json", action="store_true", help="as JSON, an object a line")
    bench.add_argument("--threads", type=int, default=1, metavar="N")
    bench.add_argument("--streams", type=int, default=1, metavar="B")
    bench.add_argument(
        "--window",
        action="store_true",
        help="instead: what a minute of use costs the window, on this display",
    )
    bench.add_argument(
        "--file", type=Path, metavar="PATH", default=argparse.SUPPRESS, help="what it plays (demo)"
    )
    bench.add_argument("--seconds", type=float, default=60.0, metavar="S", help="how long (60)")
    bench.add_argument(
        "--rivals",
        action="store_true",
        help="instead: what else one would use on a stream, its cost and its memory, in one table",
    )
    bench.add_argument("--steps", type=int, default=400, metavar="N", help="--rivals: of training (400)")

    export = commands.add_parser("export", help="write a model's step as an ONNX graph, state in and out")
    export.add_argument("weights", type=Path, metavar="WEIGHTS.safetensors")
    export.add_argument("target", type=Path, nargs="?", metavar="OUT.onnx")
    export.add_argument(
        "--triton", type=Path, metavar="FOLDER", help="write into this model repository of NVIDIA Triton's"
    )

    train = commands.add_parser("train", help="train a model of your own")
    evaluate = commands.add_parser("evaluate", help="score weights, token by token, beside the linear probe")
    for command in (train, evaluate):
        command.add_argument("task", choices=("genres", "actions"))
        command.add_argument(
            "--data",
            type=Path,
            nargs="+",
            required=command is train,
            metavar="PATH",
            help="genres: folders of sound files named genre.track.*; actions: .npz files of skeletons",
        )
        command.add_argument("--mapping", type=Path, help="actions: which number is which class")
    train.add_argument("--out", type=Path, required=True, metavar="OUT.safetensors")
    train.add_argument(
        "--extra",
        type=Path,
        nargs="*",
        default=[],
        metavar="PATH",
        help="to train on only; genres: folders, actions: pose-classification-kit's BodyPose_Dataset.csv",
    )
    train.add_argument(
        "--folds",
        action="store_true",
        help="hold out each fifth of the people or tracks once, for the scores; then train on all",
    )
    train.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="actions: trainings of --folds at once (1)"
    )
    train.add_argument("--blocks", type=int, default=1, metavar="L", help="encoder blocks (1)")
    train.add_argument(
        "--streaming", action="store_true", help="streaming-deep: each block steps with keys of its own"
    )
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--cache", type=Path, help="where tokens and an interrupted run are kept")
    evaluate.add_argument("--weights", type=Path, help="those in assets/")
    evaluate.add_argument(
        "--all",
        "--all-people",
        dest="all_people",
        action="store_true",
        help="also the people or the tracks that the weights were trained on",
    )
    evaluate.add_argument(
        "--engine",
        default="torch",
        metavar="NAME",
        help="what steps: torch, numba, onnx, numba-int8 or onnx-int8 (torch)",
    )
    train.add_argument(
        "--film", type=Path, metavar="FILM.json", help="actions: labelled films to tune the trained model to"
    )
    evaluate.add_argument(
        "--drawn", action="store_true", help="actions: also drawn clips of what nobody recorded, apart"
    )
    evaluate.add_argument(
        "--film",
        type=Path,
        metavar="FILM.json",
        help="actions, instead of --data: score the names that `run` gives on the labelled films beside it",
    )
    evaluate.add_argument("--jobs", type=int, default=1, metavar="N", help="films at once (1)")
    evaluate.add_argument(
        "--json",
        type=Path,
        nargs="?",
        const=Path("-"),
        metavar="OUT.json",
        help="as JSON, into a file or to standard output",
    )

    oad_arguments.add_parser(commands)

    listing = commands.add_parser("devices", help="list cameras and microphones")
    listing.add_argument("--json", action="store_true", help="as JSON")
    commands.add_parser("doctor", help="check libraries, devices, display and assets")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    args = parser().parse_args(arguments)
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
            case "bench" if args.window:
                return _bench_window(args)
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
            case "train":
                _set_threads()
                from app import learning

                command = " ".join([COMMAND, *(sys.argv[1:] if arguments is None else arguments)])
                return learning.train(
                    args.task,
                    args.data,
                    args.out,
                    mapping=args.mapping,
                    extra=args.extra,
                    film=args.film,
                    cache=args.cache,
                    seed=args.seed,
                    folds=args.folds,
                    jobs=args.jobs,
                    shape={"blocks": args.blocks} | ({"deep": "streaming"} if args.streaming else {}),
                    command=command,
                )
            case "evaluate":
                _set_threads()
                from app import learning

                return learning.evaluate(
                    args.task,
                    args.data,
                    args.weights,
                    film=args.film,
                    mapping=args.mapping,
                    everybody=args.all_people,
                    drawn=args.drawn,
                    engine=args.engine,
                    jobs=args.jobs,
                    json_path=args.json,
                )
            case "oad":
                return oad.run(args, " ".join([COMMAND, *(sys.argv[1:] if arguments is None else arguments)]))
            case "run":
                _set_threads()
                from app.pipeline import headless

                if not _can_be_had(args):
                    return 2
                return headless.run(
                    args.path, args.mode or "continual", args.json, args.actions, args.annotate
                )
            case _:
                return _window(args)
    except KeyboardInterrupt:
        return 130


def _have_threads_sleep() -> None:
    """Start over with libraries whose idle threads soon sleep: else they take others' cores."""
    # Read when the libraries load.  Long enough to be awake for the next product of the same step.
    asleep = {"GOMP_SPINCOUNT": "100000", "OPENBLAS_THREAD_TIMEOUT": "4"}
    if not asleep.keys() <= os.environ.keys():
        os.environ.update(asleep)
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _window(args: argparse.Namespace) -> int:
    from app.display import Trial

    trial = Trial()  # beside the imports, which take longer
    if not _can_be_had(args):
        trial.fault()
        return 2
    _set_threads()
    from app import settings as store

    if fault := trial.fault():
        from app.pipeline.tasks import DEMO

        path = args.file or DEMO
        print(f"No window can open: {fault}.{_wanted()}", file=sys.stderr)
        print(f"Running {path} without one instead.", file=sys.stderr)
        from app.pipeline import headless

        return headless.run(path, args.mode or "continual", actions=args.actions)
    import app.ui
    from app.capture.addresses import is_address
    from app.logins import Logins

    settings, logins = store.load(), Logins()
    if is_address(args.camera):
        logins.add(args.camera, keep=False)
    code = app.ui.run(partial(_session, args, settings, logins), settings=settings, logins=logins)
    store.save(settings)
    return code


def _session(args: argparse.Namespace, settings: Settings, logins: Logins) -> Session:
    """The session that the window opens with."""
    from app.capture.media import Notice
    from app.pipeline.session import Session
    from app.pipeline.sources import OFF

    session = Session(
        mode=args.mode or ("regular" if settings.mode == "regular" else "continual"), actions=args.actions
    )
    session.set_options(settings.device_options)
    if args.file is not None:
        session.open_file(args.file)
        return session
    camera = settings.camera if args.camera is None else ""
    if camera in settings.logins and logins.whole(camera) is None:
        remedy = "Choose it above and type its login again: it was not kept."
        session.notify(Notice("login", f"{camera} is not opened.", remedy, "warning"))
        camera = OFF
    session.open_devices(args.camera, args.mic, (logins.whole(camera) or camera, settings.microphone))
    return session


def _bench_window(args: argparse.Namespace) -> int:
    from app.display import Trial

    if fault := Trial().fault():
        print(f"No window can open, so none is timed: {fault}.{_wanted()}", file=sys.stderr)
        return 2
    if not args.seconds > 0:
        print(f"--seconds is {args.seconds:g}, expected more than 0.", file=sys.stderr)
        return 2
    _set_threads()
    from app.ui import window_bench

    return window_bench.run(args.file, args.seconds, args.json)


def _can_be_had(args: argparse.Namespace) -> bool:
    """Whether what was asked for is there; says what is not."""
    from app.capture.media import CaptureError

    try:
        _check_sources(args)
        if args.actions is not None:
            from app.pipeline.tasks import load_actions

            load_actions(args.actions)[0].close()
    except (CaptureError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return False
    return True


def _check_sources(args: argparse.Namespace) -> None:
    """Refuse what was asked for and cannot be had while there is no window yet to say so in."""
    if args.file is not None:
        if args.camera is not None or args.mic is not None:
            raise ValueError("--file replaces --camera and --mic: give one or the other.")
        from app.capture.recording import Recording

        Recording(args.file)
    if args.camera is not None:
        from app.capture.camera import Camera

        Camera(args.camera).check()
    if args.mic is not None:
        from app.capture.microphone import Microphone

        Microphone(args.mic).check()


def _wanted() -> str:
    """What to install for a window, where Qt names none of these packages itself."""
    from app import doctor

    missing = [lacking for lacking in doctor.missing_system_packages() if lacking[2] in ("run", "window")]
    return f" {doctor.how_to_install(missing)}"


def _set_threads() -> None:
    # Once, before any thread starts: a step is too small to share, and the cores are for the two workers,
    # the camera and the window.
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(1)
    threadpool_limits(1, "blas")  # NumPy's, which multiplies for the live step
