"""Several cameras and files on the command line: they open in one grid."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.pipeline.fleet import Fleet
    from app.settings import Settings


def several(args: argparse.Namespace) -> bool:
    """Whether more than one stream is asked for."""
    return len(args.cameras) + len(args.files) > 1


def check(args: argparse.Namespace) -> None:
    """Refuse what is no stream; one that is not there, or not yet, is told in its tile.

    Raises
    ------
    ValueError
        Too many streams, a camera twice, an address of another kind, a microphone without a camera.
    CaptureError
        There is no such microphone.
    """
    from app.capture.camera import Camera
    from app.capture.microphone import Microphone
    from app.pipeline.fleet import MOST

    if (count := len(args.cameras) + len(args.files)) > MOST:
        raise ValueError(f"{count} streams are asked for, expected at most {MOST}.")
    for camera in args.cameras:
        name = Camera(camera).name
        if args.cameras.count(camera) > 1:
            raise ValueError(f"{name} is given twice: a camera has one picture.")
    if args.mic is not None and not args.cameras:
        raise ValueError("--mic goes with a camera: files have sound of their own.")
    if args.mic is not None:
        Microphone(args.mic).check()


def fleet(args: argparse.Namespace, settings: Settings) -> Fleet:
    """The streams that the grid opens with; of the first that has sound the genres are named, too.

    Raises
    ------
    As `Fleet`.
    """
    from app.pipeline.fleet import Fleet

    opened = Fleet(
        mode=args.mode or ("regular" if settings.mode == "regular" else "continual"),
        actions=args.actions,
        options=settings.device_options,
    )
    for place, camera in enumerate(args.cameras):
        opened.add_camera(camera, args.mic if place == 0 else None)
    for place, file in enumerate(args.files):
        opened.add_file(file, sound=place == 0 and args.mic is None)
    return opened
