"""Pictures -> one token a chunk of six, as features for online action detection are made.

The recipe of LSTR, TeSTra and MiniROAD: a video at 24 pictures a second is cut into chunks of six; a token is
the middle picture's features, and optionally the motion of the whole chunk.  Theirs comes from a network on
stacked flow, whose weights are not to be had; ours is a histogram of optical flow (OpenCV's DIS).
"""

from __future__ import annotations

import math

import numpy as np

from app.capture.media import Frame
from app.capture.opencv import cv2
from app.features.backbone import BackboneTokens
from app.features.pictures import SLACK
from app.features.tokens import Token

CHUNK = 6  # pictures
CELLS, BINS = 4, 8  # of the flow's histograms: cells a side, directions
FLOW_WIDTH = 160  # pixels: flow is looked for in a picture this wide
FLOW_SIZE = CELLS * CELLS * (BINS + 1)  # and the mean speed of each cell


class ChunkTokens(BackboneTokens):
    """Tokens of chunks: tick k is the chunk that ends at media time k / rate.

    Parameters
    ----------
    backbone, rate, weights, download, batch
        As of :class:`BackboneTokens`; a chunk lasts 1 / rate seconds.
    flow : {"", "dis"}
        Whether the chunk's motion is a second part of the token.

    Raises
    ------
    ValueError
        As of `BackboneTokens`; an unknown flow.
    CaptureError
        As of `BackboneTokens`.
    """

    def __init__(
        self,
        backbone: str,
        rate: float = 4.0,
        weights: str = "downloaded",
        download: bool = False,
        batch: int = 1,
        flow: str = "",
    ) -> None:
        if flow not in ("", "dis"):
            raise ValueError(f"flow is {flow!r}, expected 'dis' or none")
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST) if flow else None
        super().__init__(backbone, rate, weights, download, batch)
        self.rgb_size = self.size
        self.size += FLOW_SIZE if flow else 0
        self.features |= {
            "recipe": "chunks",
            "flow": flow,
            "flow_size": self.size - self.rgb_size,
            "size": self.size,
        }

    def _reset(self) -> None:
        super()._reset()
        self._middle: Frame | None = None
        self._slot = -1  # the newest of the chunk's six moments that has had its picture
        self._gray: np.ndarray | None = None
        self._motion = np.zeros((0, FLOW_SIZE), np.float32)
        self._vector = np.zeros(0, np.float32)

    def frame(self, frame: Frame) -> list[Token]:
        """Take a picture; give the tokens of the chunks that ended before it."""
        if self._newest is None:
            self._tick = math.floor((frame.time + SLACK) * self.rate)
        elif frame.time < self._newest.time:
            raise ValueError(
                f"a picture of {frame.time} s after one of {self._newest.time} s: announce a gap before it"
            )
        tokens = self._ended(frame.time + SLACK)
        self._newest = frame
        place = (frame.time + SLACK) * self.rate - self._tick  # 0 to 1, in its chunk
        # A chunk shorter of pictures than six has its middle as near as it comes.
        if self._middle is None or place <= 0.5 + 2 * SLACK * self.rate:
            self._middle = frame
        slot = int(place * CHUNK)
        if slot > self._slot:  # of a faster video, six pictures a chunk are looked at
            self._slot = slot
            self._move(frame)
        else:
            self.skipped += 1
        return tokens

    def advance(self, time: float) -> list[Token]:
        """Tokens of the chunks that end by media time ``time``."""
        return self._ended(time)

    def flush(self, time: float) -> list[Token]:
        """The pictures end at media time ``time``: a last chunk that is not whole gives no token."""
        return self._ended(time + SLACK)

    def _ended(self, time: float) -> list[Token]:
        tokens = []
        while self._newest is not None and (self._tick + 1) / self.rate <= time:
            tokens.append(self._chunk())
            self._tick += 1
        return tokens

    def _chunk(self) -> Token:
        repeated = self._middle is None
        if self._middle is not None:
            self._vector = np.zeros(self.size, np.float32)
            self._write(self._middle.image, self._vector[: self.rgb_size])
            if len(self._motion):
                self._vector[self.rgb_size :] = self._motion.mean(0)
        captured = self._newest.captured if self._newest is not None else 0.0
        self._middle, self._slot = None, -1
        self._motion = self._motion[:0]
        tick = self._tick + 1
        return Token(tick, tick / self.rate, self._vector, captured, "", repeated)

    def _move(self, frame: Frame) -> None:
        """Look where what the picture before showed has gone."""
        if self._flow is None:
            return
        height, width = frame.image.shape[:2]
        size = (FLOW_WIDTH, max(16, round(height * FLOW_WIDTH / width)))
        gray = cv2.cvtColor(cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
        before, self._gray = self._gray, gray
        if before is None or before.shape != gray.shape:
            return
        empty = np.zeros((*gray.shape, 2), np.float32)
        flow = np.asarray(self._flow.calc(before, gray, empty))  # (h, w, 2), pixels
        self._motion = np.concatenate([self._motion, flow_histogram(flow)[None]])


def flow_histogram(flow: np.ndarray) -> np.ndarray:
    """Of a flow (h, w, 2): by cell, the share of motion in each direction, and the mean speed; (F,) float32.

    Speed is in widths of the picture a picture, times 100.
    """
    speed, angle = cv2.cartToPolar(flow[..., 0], flow[..., 1])
    turn = (angle / (2 * math.pi) * BINS).astype(int) % BINS
    rows = np.minimum(np.arange(flow.shape[0]) * CELLS // flow.shape[0], CELLS - 1)
    columns = np.minimum(np.arange(flow.shape[1]) * CELLS // flow.shape[1], CELLS - 1)
    cell = rows[:, None] * CELLS + columns  # (h, w)
    found = np.bincount((cell * BINS + turn).ravel(), speed.ravel(), CELLS * CELLS * BINS)
    found = found.reshape(-1, BINS)  # (cells, bins)
    pixels = np.bincount(cell.ravel(), minlength=CELLS * CELLS)
    total = found.sum(1)
    mean = total / pixels * 100 / flow.shape[1]
    shares = found / np.maximum(total, 1e-6)[:, None] * np.minimum(mean, 1)[:, None]
    return np.concatenate([shares.ravel(), mean]).astype(np.float32)
