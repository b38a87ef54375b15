"""The arguments of the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from app import oad_arguments
from app.program import CHECKOUT, COMMAND

HEARING = "EfficientAT's mn04_as_mAP_432.pt, once: genres trained on what it hears need it"


def _int_or_str(text: str) -> int | str:
    return int(text) if text.lstrip("-").isdigit() else text


class _Several(argparse.Action):
    """The first value as it is, as if there were no other; all of them in a list of the plural name."""

    def __call__(self, parser, namespace, values, option_string=None) -> None:
        several = [*getattr(namespace, f"{self.dest}s"), values]
        setattr(namespace, f"{self.dest}s", several)
        setattr(namespace, self.dest, several[0])


def parser() -> argparse.ArgumentParser:
    """The arguments of the command line."""
    top = argparse.ArgumentParser(
        prog="main.py" if CHECKOUT else COMMAND,
        description="Names actions and music genres live with a Continual Transformer, and what that costs.",
        epilog="Without a command the window opens: on the camera and microphone, or on the demo clip.",
    )
    top.add_argument(
        "--camera",
        type=_int_or_str,
        action=_Several,
        metavar="ID|NAME|URL",
        help="the camera to watch; given several times, or beside --file: all of them, in a grid",
    )
    top.add_argument("--mic", type=_int_or_str, metavar="ID|NAME", help="the microphone to listen to")
    top.add_argument(
        "--file", type=Path, action=_Several, metavar="PATH", help="the media file to play, or several"
    )
    top.set_defaults(cameras=[], files=[])
    top.add_argument("--mode", choices=("continual", "regular", "both"), help="how to compute (continual)")
    top.add_argument("--actions", type=Path, metavar="WEIGHTS", help="another model of actions: see `oad`")
    top.add_argument("--genres", type=Path, metavar="WEIGHTS", help="another model of genres: see `train`")
    top.add_argument("--hearing", type=Path, metavar="FILE", help=HEARING)
    commands = top.add_subparsers(dest="command", metavar="command")

    run = commands.add_parser("run", help="predict over media files without a window")
    run.add_argument(
        "paths",
        type=Path,
        nargs="+",
        metavar="FILE|FOLDER",
        help="media; with a folder, or more than one, each JSON line begins with its file",
    )
    # SUPPRESS: the top level's --mode has the default, and `--mode both run FILE` must not lose its value
    run.add_argument("--mode", choices=("continual", "regular", "both"), default=argparse.SUPPRESS)
    for weights in ("--actions", "--genres"):
        run.add_argument(weights, type=Path, metavar="WEIGHTS", default=argparse.SUPPRESS)
    run.add_argument("--hearing", type=Path, metavar="FILE", default=argparse.SUPPRESS, help=HEARING)
    run.add_argument(
        "--json",
        type=Path,
        metavar="OUT.jsonl",
        help="write every prediction, one JSON object a line (-: to standard output)",
    )
    run.add_argument(
        "--annotate",
        type=Path,
        metavar="OUT.mp4|FOLDER",
        help="write the film once more, with what was predicted drawn below its pictures, and its sound;"
        " of more than one FILE into a folder",
    )
    run.add_argument("--jobs", type=int, default=1, metavar="N", help="files at once (1)")
    run.add_argument(
        "--cluster", metavar="ADDRESS", help="a Dask scheduler's, whose workers take the files instead"
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
    bench.add_argument(
        "--cameras",
        type=int,
        nargs="?",
        const=16,
        dest="up_to",
        metavar="MOST",
        help="instead: up to how many cameras (16 are tried) the pipeline keeps its ticks, without a window",
    )
    bench.add_argument(
        "--seconds",
        type=float,
        metavar="S",
        help="how long (60; --cameras: 8 for each number)",
    )
    bench.add_argument(
        "--rivals",
        action="store_true",
        help="instead: what else one would use on a stream, its cost and its memory, in one table",
    )
    bench.add_argument(
        "--music",
        action="store_true",
        help="instead: what a token of music costs, step by step and with the windows recomputed",
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
    train.add_argument("--hearing", type=Path, metavar="FILE", default=argparse.SUPPRESS, help=HEARING)
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
        "--elsewhere",
        type=Path,
        nargs="*",
        default=[],
        metavar="PATH",
        help="genres: folders never to train on: every second recording sets how much is doubted, the others "
        "judge",
    )
    train.add_argument(
        "--folds",
        action="store_true",
        help="hold out each fifth of the people or tracks once, for the scores; then train on all",
    )
    train.add_argument(
        "--acted",
        type=int,
        default=0,
        metavar="N",
        help="actions: train on so many streams of rendered people, too, which do what the recorded ones did",
    )
    train.add_argument(
        "--no-depth",
        dest="depth",
        action="store_false",
        help="actions: do not learn from the body in space, but as the picture shows it alone",
    )
    train.add_argument(
        "--teachers",
        type=Path,
        nargs="+",
        default=[],
        metavar="WEIGHTS",
        help="actions: learn what these say, too, of twice as many streams; who is held out may have "
        "trained none of them",
    )
    train.add_argument(
        "--start",
        type=Path,
        metavar="WEIGHTS",
        help="actions: go on from these, at a third of the rate; who is held out may not have trained them",
    )
    train.add_argument(
        "--soup",
        type=Path,
        nargs="+",
        default=[],
        metavar="WEIGHTS",
        help="actions: train nothing, but calibrate and judge the mean of these, gone on from the same; "
        "of one alone it makes a new card",
    )
    train.add_argument(
        "--rarer",
        type=float,
        metavar="NATS",
        help='actions: take "other" for so much less likely than it was learnt (0.3; with --soup 0): more is '
        "named, and more of it wrongly",
    )
    train.add_argument(
        "--jobs",
        type=int,
        default=1,
        metavar="N",
        help="actions: trainings of --folds, and streams of --acted, at once (1)",
    )
    train.add_argument(
        "--model",
        nargs="+",
        metavar="NAME",
        help="train each of these on the same instead, for a table that goes to OUT as JSON: b1, b2, "
        "streaming, GRU, DeepCoT, RWKV, smoothing, strided, probe; of the genres random, too",
    )
    train.add_argument(
        "--steps", type=int, default=800, metavar="N", help="--model: optimizer steps of each (800)"
    )
    train.add_argument("--blocks", type=int, default=1, metavar="L", help="encoder blocks (1)")
    train.add_argument(
        "--streaming", action="store_true", help="streaming-deep: each block steps with keys of its own"
    )
    train.add_argument("--seed", type=int, default=0)
    for command in (train, evaluate):
        command.add_argument(
            "--cache", type=Path, help="where what was made, and an interrupted run, are kept"
        )
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
        "--film",
        type=Path,
        metavar="FILM.json",
        help="actions: labelled films to judge by, and to set the thresholds",
    )
    evaluate.add_argument(
        "--drawn", action="store_true", help="actions: also drawn clips of what nobody recorded, apart"
    )
    evaluate.add_argument(
        "--acted",
        action="store_true",
        help="actions: clips done by rendered people before the pose network itself; only those with depth",
    )
    evaluate.add_argument(
        "--film",
        type=Path,
        metavar="FILM.json",
        help="actions, instead of --data: score the names that `run` gives on the labelled films beside it",
    )
    evaluate.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="films, or clips to act, at once (1)"
    )
    evaluate.add_argument(
        "--json",
        type=Path,
        nargs="?",
        const=Path("-"),
        metavar="OUT.json",
        help="as JSON, into a file or to standard output",
    )

    teach = commands.add_parser("teach", help="teach the shipped model classes of your own, from a few takes")
    teach.add_argument("task", choices=("actions", "genres"))
    teach.add_argument(
        "--from",
        dest="folder",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="a folder for each class, of films or sounds, each a take; one called `nothing` is of your rest",
    )
    teach.add_argument("--out", type=Path, required=True, metavar="OUT.safetensors")
    teach.add_argument("--on", type=Path, metavar="WEIGHTS", help="what is taught: those in assets/")
    teach.add_argument("--seed", type=int, default=0)
    teach.add_argument("--steps", type=int, default=200, metavar="N", help="of each training (200)")

    oad_arguments.add_parser(commands)

    listing = commands.add_parser("devices", help="list cameras and microphones")
    listing.add_argument("--json", action="store_true", help="as JSON")
    commands.add_parser("doctor", help="check libraries, devices, display and assets")
    return top
