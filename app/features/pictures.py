"""Pictures -> one token a tick: which picture serves which tick, whatever the tokens are made of."""

from __future__ import annotations

import math

from app.capture.media import Frame
from app.features.tokens import Person, Token

SLACK = 1e-6  # seconds by which a time stamp may be rounded up past its tick


class PictureTokens:
    """Tokens of a stream of pictures; a subclass makes one of a picture.

    Tick k stands for media time k / rate and uses the newest picture of that time or before.  Whether a
    picture is the newest is known when the next one comes, or when the clock says so (:meth:`advance`).
    Pictures that serve no tick are never analysed.

    Parameters
    ----------
    rate : float
        Ticks a second.

    Attributes
    ----------
    people : tuple of Person
        In the picture analysed last, the followed one first; none where nobody is looked for.
    skipped : int
        Pictures that served no tick.
    macs : dict of str to int
        Multiply-accumulates of one run of each network.
    size : int
        Length of a token's vector.
    features : dict
        What the tokens are, for the model card.
    """

    size: int
    macs: dict[str, int]
    features: dict[str, object]

    def __init__(self, rate: float) -> None:
        if not rate > 0:
            raise ValueError(f"rate is {rate}, expected ticks a second above 0")
        self.rate = rate
        self.skipped = 0
        self._reset()

    def _reset(self) -> None:
        self.people: tuple[Person, ...] = ()
        self._tick = -1  # the next one; -1 before the first picture
        self._newest: Frame | None = None
        self._used = False  # whether the newest picture has served a tick

    def frame(self, frame: Frame) -> list[Token]:
        """Take a picture; give the tokens of the ticks before it, which the pictures before it serve.

        Raises
        ------
        ValueError
            If the picture is older than the one before.
        """
        if self._newest is None:
            self._tick = math.ceil((frame.time - SLACK) * self.rate)
        elif frame.time < self._newest.time:
            raise ValueError(
                f"a picture of {frame.time} s after one of {self._newest.time} s: announce a gap before it"
            )
        tokens = self._until(frame.time - SLACK, inclusive=False)
        if self._newest is not None and not self._used:
            self.skipped += 1
        self._newest, self._used = frame, False
        return tokens

    def advance(self, time: float) -> list[Token]:
        """Tokens of the ticks up to media time ``time``: no picture of before then is still to come."""
        return self._until(time, inclusive=True)

    def flush(self, time: float) -> list[Token]:
        """The pictures end at media time ``time``: tokens of the ticks that remain."""
        tokens = self._until(time - SLACK, inclusive=False)
        if self._newest is not None and not self._used:
            self.skipped += 1
            self._used = True
        return tokens

    def gap(self, time: float) -> None:
        """Pictures were lost before media time ``time``: what comes is a new stream."""
        self._reset()

    def close(self) -> None:
        """Release what the networks hold.  Idempotent."""

    def _until(self, time: float, inclusive: bool) -> list[Token]:
        tokens = []
        while self._newest is not None:
            due = self._tick / self.rate
            if due > time or (due == time and not inclusive):
                break
            repeated, self._used = self._used, True
            tokens.append(self._token(self._newest, due, repeated))
            self._tick += 1
        return tokens

    def _token(self, frame: Frame, time: float, repeated: bool) -> Token:
        """The token of this tick, of media time ``time``; ``repeated``: the picture has served one before."""
        raise NotImplementedError
