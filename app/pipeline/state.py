"""What the pipeline shows the world: predictions, costs and the newest state of a session, without Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from app.capture.clocks import Playback as Playback
from app.capture.media import Frame, Kind, Notice
from app.capture.streams import StreamInfo
from app.features.tokens import Person as Person
from app.pipeline.feed import Feed
from models.checkpoint import label_thresholds

Mode = Literal["regular", "continual", "both"]
_NAN = float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """One task's answer at one tick.

    Attributes
    ----------
    task : str
        ``"actions"`` or ``"genres"``.
    tick : int
        Index on the task's tick grid.
    time : float
        Media time of the tick, seconds.
    mode : {"regular", "continual", "both"}
        Who computed it; in ``"both"`` the continual step's answer stands and the regular one is checked.
    probabilities : ndarray of shape (classes,)
        Calibrated, in the order of the task's labels.
    label : str
        What the window names: a class, or ``status`` when that is not empty, or ``"not sure"``.
    confident : bool
        ``label`` is a class: on top of the mean of the last 0.4 s, and sure enough there and in the newest
        tick, see :func:`models.training.metrics.named`.
    nearest, confidence : int, float
        The class on top of that mean, named or not, and its probability there.
    status : str
        "", ``"no person"``, ``"too far away"`` or ``"no music"``.
    repeated : bool
        The token repeats the one before: no new picture had come.
    unavailable : tuple of str
        Classes that cannot be told now, for what they are done with is out of the picture: none is named.
    filled : int
        Tokens in the window, 1 to n.
    macs, macs_regular : int
        Multiply-accumulates of this prediction as computed, and of a regular encoder over the same window
        that computes all outputs.
    seconds : float
        Measured time of this prediction in its mode (the Transformer alone).
    seconds_regular, max_delta : float or None
        Mode ``"both"``: time of the regular pass, and max |Δ| between the logits of the two.
    delta_bound : float or None
        What ``max_delta`` must stay under in float32: 1e-5 · max(1, max |logit|).
    latency : float
        From capture to prediction, seconds.
    engine : str
        What computed it, as `models.engines.engine.NAMES` has it.
    """

    task: str
    tick: int
    time: float
    mode: Mode
    probabilities: np.ndarray
    label: str
    confident: bool
    nearest: int
    confidence: float
    status: str
    repeated: bool
    unavailable: tuple[str, ...]
    filled: int
    macs: int
    macs_regular: int
    seconds: float
    seconds_regular: float | None
    max_delta: float | None
    delta_bound: float | None
    latency: float
    engine: str = "torch"


def _every_time(extractors: dict[str, int]) -> int:
    return sum(macs for name, macs in extractors.items() if "when it runs" not in name)


@dataclass(frozen=True, slots=True)
class TaskInfo:
    """What stands in a task's model card; constant while the model is loaded."""

    task: str
    labels: tuple[str, ...]
    rate: float  # ticks a second
    window: int  # n, tokens
    threshold: float  # rejection of labels that have none of their own: below it the window says "not sure"
    card: dict  # the model card as stored with the weights
    extractor_macs: dict[str, int]  # part -> MACs of one run; listed apart from the Transformer's
    extractor_macs_regular: dict[str, int] = field(default_factory=dict)  # did they recompute their windows

    @property
    def thresholds(self) -> tuple[float, ...]:
        """The rejection threshold of each label: its own where the card has one."""
        return tuple(label_thresholds(self.card))

    @property
    def macs_apart(self) -> int:
        """MACs of the extractors that run for every token; one that runs now and then is not summed."""
        return _every_time(self.extractor_macs)

    @property
    def macs_apart_regular(self) -> int:
        """The same, did the extractors recompute their windows."""
        return _every_time(self.extractor_macs_regular or self.extractor_macs)


@dataclass(frozen=True, slots=True)
class Cost:
    """A task's account since the last change of source or since the session began."""

    macs_spent: int = 0  # running total as computed
    macs_regular: int = 0  # running total of the regular encoder, all outputs, on the same windows
    steps: int = 0
    # p50, p95, p99 of the newest 512 steps of the current mode: of the step, and from capture to prediction
    seconds: tuple[float, float, float] = (_NAN, _NAN, _NAN)
    latency: tuple[float, float, float] = (_NAN, _NAN, _NAN)
    max_delta: float | None = None  # worst |Δ| between the modes, while they are compared
    # This prediction's MACs by part of the Transformer: "computed", and those of a regular encoder for its
    # last output only, "regular_last", and for all outputs, "regular"
    parts: dict[str, dict[str, int]] = field(default_factory=dict)
    engine: str = ""  # what computes the current mode, "" before the first step

    def macs_step(self, which: str = "computed") -> int:
        """This prediction's MACs; 0 before there is one."""
        return sum(self.parts.get(which, {}).values())

    @property
    def macs_saved(self) -> int:
        return self.macs_regular - self.macs_spent

    @property
    def ratio(self) -> float:
        """Regular over spent, of the running totals."""
        return self.macs_regular / self.macs_spent if self.macs_spent else float("nan")


@dataclass(frozen=True, slots=True)
class Counters:
    """Pictures: had from the source, not analysed, and painted."""

    captured: int = 0
    skipped: int = 0
    shown: int = 0


@dataclass(frozen=True, slots=True)
class TakeState:
    """How far a recording of what runs is, see `app.pipeline.take`.

    Attributes
    ----------
    folder : Path
    seconds : float
        Length so far.
    nbytes : int
        On the disk.
    left_out : int
        Pictures that the machine was too slow to write.
    ended : bool
        Nothing more is taken.
    """

    folder: Path
    seconds: float = 0.0
    nbytes: int = 0
    left_out: int = 0
    ended: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The newest state of a session, taken by the window 30 times a second; cheap, and immutable."""

    frame: Frame | None
    people: tuple[Person, ...]
    video_name: str  # "" without a source
    audio_name: str
    is_file: bool
    is_demo: bool
    playing: bool
    ended: bool
    position: float  # media seconds of the newest media
    duration: float  # of the file; nan when live
    mode: Mode  # of the newest prediction, or where another was chosen since, that one
    tasks: dict[str, TaskInfo]
    latest: dict[str, Prediction | None]  # answers that stand: None where nothing feeds the task
    costs: dict[str, Cost]
    counters: Counters
    level: float  # newest sound level, dB of full scale, -inf for none
    notices: tuple[Notice, ...]  # the banners that stand, newest last
    playback: Playback | None = None  # of the file; None when live
    loop: bool = False  # whether the file begins again at its end
    path: str = ""  # of the file; "" when live
    streams: tuple[StreamInfo, ...] = ()  # of the file, all that can be used
    chosen: dict[Kind, int] = field(default_factory=dict)  # those of them that are, by number
    feeds: dict[str, Feed] = field(default_factory=dict)  # of each task
    take: TakeState | None = None  # what is recorded into, or was last
