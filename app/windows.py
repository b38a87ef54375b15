"""The commands that open a window, and what any looks at first: whether all that was asked for is there."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app import streams
from app.pipeline.priority import one_thread_a_step
from app.program import COMMAND

if TYPE_CHECKING:
    from app.logins import Logins
    from app.pipeline.session import Session
    from app.settings import Settings

# As in app.cli, everything else is imported by what needs it.


def window(args: argparse.Namespace) -> int:
    """Open the window; where none can, run the file, or the demo, without one."""
    from app.display import Trial

    trial = Trial()  # beside the imports, which take longer
    if not can_be_had(args):
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


def grid(args: argparse.Namespace) -> int:
    """Open the window of several streams."""
    from app.display import Trial

    trial = Trial()
    if not can_be_had(args):
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


def bench(file: Path | None, seconds: float, as_json: bool) -> int:
    """Time the window itself."""
    from app.display import Trial

    if fault := Trial().fault():
        print(f"No window can open, so none is timed: {fault}.{_wanted()}", file=sys.stderr)
        return 2
    one_thread_a_step()
    from app.ui import window_bench

    return window_bench.run(file, seconds, as_json)


def can_be_had(args: argparse.Namespace) -> bool:
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
