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
from typing import TYPE_CHECKING

from app import oad, streams
from app.arguments import parser
from app.pipeline.priority import one_thread_a_step
from app.program import COMMAND

if TYPE_CHECKING:
    from app.logins import Logins
    from app.pipeline.session import Session
    from app.pipeline.state import Mode
    from app.settings import Settings

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
            case "bench" if args.window:
                return _bench_window(args)
            case "bench" if args.up_to is not None:
                seconds = _seconds(args, 8.0)
                if seconds is None:
                    return 2
                one_thread_a_step()
                from app.pipeline import cameras_bench

                return cameras_bench.run(args.file, seconds, args.up_to, args.json)
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
                return _grid(args)
            case _:
                return _window(args)
    except KeyboardInterrupt:
        return 130


def _run(args: argparse.Namespace) -> int:
    one_thread_a_step()
    if not _can_be_had(args):
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


def _window(args: argparse.Namespace) -> int:
    from app.display import Trial

    trial = Trial()  # beside the imports, which take longer
    if not _can_be_had(args):
        trial.fault()
        return 2
    one_thread_a_step()
    from app import settings as store

    if fault := trial.fault():
        from app.pipeline.tasks import DEMO

        path = args.file or DEMO
        print(f"No window can open: {fault}.{_wanted()}", file=sys.stderr)
        print(f"Running {path} without one instead.", file=sys.stderr)
        from app.pipeline import headless

        return headless.run(path, args.mode or "continual", actions=args.actions, genres=args.genres)
    import app.ui
    from app.capture.addresses import is_address
    from app.logins import Logins

    settings, logins = store.load(), Logins()
    if is_address(args.camera):
        logins.add(args.camera, keep=False)
    code = app.ui.run(partial(_session, args, settings, logins), settings=settings, logins=logins, tour=True)
    store.save(settings)
    return code


def _session(args: argparse.Namespace, settings: Settings, logins: Logins) -> Session:
    """The session that the window opens with."""
    from app.capture.media import Notice
    from app.pipeline.session import Session
    from app.pipeline.sources import OFF

    session = Session(
        mode=args.mode or ("regular" if settings.mode == "regular" else "continual"),
        actions=args.actions,
        genres=args.genres,
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


def _grid(args: argparse.Namespace) -> int:
    from app.display import Trial

    trial = Trial()
    if not _can_be_had(args):
        trial.fault()
        return 2
    if fault := trial.fault():
        print(f"No window can open for these streams: {fault}.{_wanted()}", file=sys.stderr)
        print(f"Files can be run without one: {COMMAND} run FILE", file=sys.stderr)
        return 2
    one_thread_a_step()
    import app.ui
    from app import settings as store

    settings = store.load()
    code = app.ui.run(partial(streams.fleet, args, settings), settings=settings)
    store.save(settings)
    return code


def _bench_window(args: argparse.Namespace) -> int:
    from app.display import Trial

    if fault := Trial().fault():
        print(f"No window can open, so none is timed: {fault}.{_wanted()}", file=sys.stderr)
        return 2
    if (seconds := _seconds(args, 60.0)) is None:
        return 2
    one_thread_a_step()
    from app.ui import window_bench

    return window_bench.run(args.file, seconds, args.json)


def _seconds(args: argparse.Namespace, usual: float) -> float | None:
    """How long to measure; None, and said, where it is no length of time."""
    if args.seconds is not None and not args.seconds > 0:
        print(f"--seconds is {args.seconds:g}, expected more than 0.", file=sys.stderr)
        return None
    return usual if args.seconds is None else args.seconds


def _can_be_had(args: argparse.Namespace) -> bool:
    """Whether what was asked for is there; says what is not."""
    from app.capture.media import CaptureError

    try:
        _check_sources(args)
        if args.actions is not None:
            from app.pipeline.tasks import load_actions

            load_actions(args.actions)[0].close()
        if args.hearing is not None:
            from app.features.mn04 import keep

            keep(args.hearing)
        if args.genres is not None:
            from app.pipeline.tasks import load_genres

            load_genres(args.genres)
    except (CaptureError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return False
    return True


def _check_sources(args: argparse.Namespace) -> None:
    """Refuse what was asked for and cannot be had while there is no window yet to say so in."""
    if streams.several(args):
        streams.check(args)
        return
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
