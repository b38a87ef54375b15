"""The command line of `oad`."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def _share_or_name(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def add_parser(commands: Any) -> None:
    """Add ``oad`` and its sub-commands to the command line."""
    oad = commands.add_parser("oad", help="the paper's experiments: THUMOS14, TVSeries, from your features")
    actions = oad.add_subparsers(dest="action", metavar="action", required=True)
    features = actions.add_parser("features", help="make features of videos with a network of torchvision")
    label = actions.add_parser("label", help="make labels of a CSV of spans: video,start,end,label")
    check = actions.add_parser("check", help="say what labels and features there are and what does not fit")
    train = actions.add_parser("train", help="train a model of the paper, resumable")
    evaluate = actions.add_parser("evaluate", help="per-frame mAP and mcAP, windowed and streaming")
    gtzan = actions.add_parser("gtzan", help="the paper's audio experiment, from a folder of GTZAN")
    table = actions.add_parser("table", help="the paper's tables beside what was measured here")
    for command in (check, train, evaluate):
        command.add_argument(
            "--labels",
            type=Path,
            nargs="+",
            required=True,
            metavar="PATH",
            help="OadTR's pickles, a .zip of them, or a folder target_perframe of .npy files",
        )
        command.add_argument(
            "--features",
            type=Path,
            nargs="+",
            required=command is not check,
            metavar="PATH",
            help="OadTR's pickles, or folders rgb_*, flow_*, audio_* of .npy files (or the one above them)",
        )
        command.add_argument("--info", type=Path, help="data_info.json; by default the one beside the labels")
        command.add_argument("--dataset", default="THUMOS", help="its name in data_info.json (THUMOS)")
        command.add_argument(
            "--trim", action="store_true", help="cut each video's labels and features to the shortest of them"
        )
    for command in (train, evaluate):
        command.add_argument(
            "--as-in-paper",
            action="store_true",
            help="leave out the first 63 and last 9 frames of a video, and of TVSeries the last 10 actions",
        )
        command.add_argument("--threads", type=int, metavar="N", help="of the processor (all)")
    train.add_argument(
        "--preset", required=True, metavar="MODEL[/FEATURES]", help="as CoOadTR-b1 or OadTR/Kin"
    )
    train.add_argument("--out", type=Path, required=True, metavar="OUT.safetensors")
    train.add_argument("--recipe", default="paper", metavar="paper|every-tick")
    train.add_argument("--epochs", type=int, metavar="N", help="in place of the recipe's")
    train.add_argument("--steps", type=int, metavar="N", help="of the optimizer, in place of epochs")
    train.add_argument("--batch", type=int, metavar="N", help="in place of the recipe's")
    train.add_argument("--lr", type=float, help="peak rate, in place of the recipe's")
    train.add_argument("--positional", choices=("cyclic", "learned"), help="encoding of a continual model")
    train.add_argument("--period", type=int, metavar="T", help="of that encoding (127)")
    train.add_argument("--rate", type=float, default=4.0, help="tokens a second, for the model card (4)")
    train.add_argument("--seed", type=int, default=0)
    evaluate.add_argument("--weights", type=Path, required=True, metavar="WEIGHTS.safetensors")
    evaluate.add_argument("--form", choices=("both", "windowed", "streaming"), default="both")
    evaluate.add_argument("--split", choices=("test", "train"), default="test")
    evaluate.add_argument("--json", type=Path, metavar="OUT.json", help="write the whole result")
    features.add_argument("videos", type=Path, nargs="*", metavar="VIDEO")
    features.add_argument("--camera", metavar="ID|NAME|URL", help="in place of videos, or after them")
    features.add_argument(
        "--seconds", type=float, default=60.0, metavar="S", help="how long to watch the camera (60)"
    )
    features.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    features.add_argument("--backbone", default="resnet50", metavar="NAME")
    features.add_argument("--rate", type=float, default=4.0, help="tokens a second (4)")
    features.add_argument(
        "--recipe",
        choices=("pictures", "chunks"),
        default="pictures",
        help="a token is the newest picture, or a chunk of six at 24 a second: its middle one (pictures)",
    )
    features.add_argument(
        "--flow", choices=("", "dis"), default="", help="chunks: their motion as a second part (none)"
    )
    features.add_argument(
        "--download", action="store_true", help="fetch the network's weights, if they are not there yet"
    )
    features.add_argument(
        "--random", action="store_true", help="random weights: features of no meaning, to try the way out"
    )
    label.add_argument("spans", type=Path, metavar="SPANS.csv", help="video,start,end,label; seconds")
    label.add_argument(
        "--features", type=Path, required=True, metavar="FOLDER", help="rgb_BACKBONE of `oad features`"
    )
    label.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    label.add_argument("--dataset", default="MINE", help="its name in data_info.json (MINE)")
    label.add_argument("--classes", nargs="+", default=(), metavar="CLASS", help="all there are, in order")
    label.add_argument(
        "--test",
        type=_share_or_name,
        nargs="+",
        default=[0.25],
        metavar="SHARE|VIDEO",
        help="a share of the videos to test on, or their names (0.25)",
    )
    gtzan.add_argument(
        "data",
        type=Path,
        metavar="FOLDER",
        help="recordings genre.track.*, or tokens genre.track.npy (m, F), four a second",
    )
    gtzan.add_argument("--preset", choices=("GTZAN-b1", "GTZAN-b2"), default="GTZAN-b1")
    gtzan.add_argument("--out", type=Path, required=True, metavar="OUT.safetensors")
    gtzan.add_argument("--json", type=Path, metavar="OUT.json", help="write the whole result")
    gtzan.add_argument("--cache", type=Path, help="where the recordings' tokens are kept")
    gtzan.add_argument("--epochs", type=int, default=50, metavar="N")
    gtzan.add_argument("--batch", type=int, default=32, metavar="N")
    gtzan.add_argument("--lr", type=float, default=1e-5)
    gtzan.add_argument("--seed", type=int, default=0)
    gtzan.add_argument("--threads", type=int, metavar="N", help="of the processor (all)")
    table.add_argument("results", type=Path, nargs="*", metavar="RESULT.json", help="written by `evaluate`")
