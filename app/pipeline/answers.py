"""The predictions of one task's tokens, up to where its file is shown; used by the task's worker alone."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.features.tokens import Token
from app.pipeline.state import Mode
from app.pipeline.stream import TaskStream
from app.pipeline.telling import ANEW, Teller
from app.pipeline.token_cache import TokenCache

SLACK = 1e-6  # seconds by which a time stamp may be rounded


class Answers:
    """Predicts from tokens as they are made, or, of a file that can be sought in, as they are shown.

    Parameters
    ----------
    stream : TaskStream
    mode : callable
        Gives the mode to predict in, asked at each step.
    interrupted : callable
        Whether what is shown now is to be left for something else.
    teller : Teller

    Attributes
    ----------
    stream : TaskStream
        What predicts now.
    wanted : TaskStream
        What is to predict from the next step on; any thread may put another there.
    """

    def __init__(
        self,
        stream: TaskStream,
        mode: Callable[[], Mode],
        interrupted: Callable[[], bool],
        teller: Teller,
    ) -> None:
        self.stream = self.wanted = stream
        self._mode = mode
        self._interrupted = interrupted
        self._teller = teller
        self._cache: TokenCache | None = None  # of a file that can be sought in
        self._next = 0  # in the cache: the token to predict from next
        self._until = math.inf  # media time up to which predictions may go

    @property
    def current(self) -> bool:
        """Whether what is made now is what is shown, not something before it."""
        return self._until == math.inf

    @property
    def seen(self) -> Any:
        """What was kept beside the token that is shown; None for nothing."""
        return self._cache.at(self._next - 1)[2] if self._cache is not None and self._next else None

    def begin(self, kept: bool) -> None:
        """Another recording, or none; ``kept``: its tokens are, for it can be sought in."""
        self._cache = TokenCache() if kept else None
        self._next, self._until = 0, math.inf
        self._teller.tell(self._teller.calls.restart)

    def break_off(self) -> None:
        """Tokens are missing: those that are made next begin anew."""
        if self._cache is None:
            self.stream.reset()

    def forget(self) -> None:
        """The user starts over."""
        self.stream.reset()

    def take_up(self) -> None:
        """Go over to the model that is wanted."""
        if self.wanted is not self.stream:
            self.stream = self.wanted
            self._restore()
            self._teller.tell(self._teller.calls.restart)

    def add(self, token: Token, fresh: bool, seen: Any) -> None:
        """Take a token that was made now, ``fresh`` if nothing before it counts, and what was ``seen``."""
        if self._cache is None:
            self._predict(token, fresh)
        else:
            self._cache.append(token, fresh, seen)
            self._show(made_now=True)

    def show(self, until: float, stands: float = math.inf) -> None:
        """Predict from the tokens up to this media time.

        Parameters
        ----------
        until : float
        stands : float
            Seconds after which the newest token has nothing to do any more with what is shown.
        """
        self._until = until
        self._show()
        if self._cache is not None and self._next and self._age(self._next, until) > stands:
            self._teller.change_feed("lost")

    def seek(self, media_time: float, stands: float) -> None:
        """Show a file from elsewhere on; arguments as of `show`."""
        if self._cache is None:
            return
        known = self._cache.until(media_time + SLACK)
        again = known > 0 and self._age(known, media_time) <= stands
        self._next = known - again  # the answer that stands there is given again
        self._restore()
        if not known:
            self._teller.change_feed("waiting")
        self.show(media_time, stands)

    def _age(self, known: int, media_time: float) -> float:
        assert self._cache is not None
        return media_time - self._cache.at(known - 1)[0].time

    def _show(self, made_now: bool = False) -> None:
        if self._cache is None:
            return
        while self._next < self._cache.until(self._until + SLACK) and not self._interrupted():
            token, fresh, _ = self._cache.at(self._next)
            self._next += 1
            if not made_now:  # one that was kept counts as had when it is wanted
                token = replace(token, captured=time.perf_counter())
            self._predict(token, fresh)

    def _predict(self, token: Token, fresh: bool) -> None:
        self._teller.tell(self._teller.calls.token, token)
        try:
            if fresh:
                self.stream.reset()
            self.stream.mode = self._mode()
            prediction = self.stream.step(token)
        except Exception as error:
            self.stream.reset()
            self._teller.report(error, ANEW)
            self._teller.tell(self._teller.calls.progress, token.time)
            return
        self._teller.change_feed("delivering")
        self._teller.tell(self._teller.calls.prediction, prediction)

    def _restore(self) -> None:
        """Bring the stream to where it stands before the next token."""
        try:
            self.stream.mode = self._mode()
            if self._cache is None:
                self.stream.reset()
            else:
                self.stream.restore(*self._cache.before(self._next, self.stream.memory))
        except Exception as error:
            self.stream.reset()
            self._teller.report(error, ANEW)
