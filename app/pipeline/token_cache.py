"""The tokens of a file, each computed once and in order, kept so that a seek reads them."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from app.features.tokens import Token


class TokenCache:
    """What one task's extractor made of one file so far; used by the task's worker alone.

    An hour of actions takes some 70 MB, with the people who are drawn over the picture.
    """

    def __init__(self) -> None:
        self._tokens: list[Token] = []
        self._begins: list[int] = []  # of each token, the first one since the stream started anew
        self._seen: list[Any] = []

    def __len__(self) -> int:
        return len(self._tokens)

    def append(self, token: Token, fresh: bool, seen: Any) -> None:
        """Add the next token.

        Parameters
        ----------
        token : Token
        fresh : bool
            The stream starts anew with it: nothing before it counts.
        seen : object
            What the window shows beside it (the people in the picture).
        """
        self._begins.append(len(self._tokens) if fresh or not self._tokens else self._begins[-1])
        self._tokens.append(token)
        self._seen.append(seen)

    def at(self, index: int) -> tuple[Token, bool, Any]:
        """A token, whether the stream starts anew with it, and what was seen."""
        return self._tokens[index], self._begins[index] == index, self._seen[index]

    def until(self, time: float) -> int:
        """How many tokens stand for media time ``time`` or before."""
        return bisect_right(self._tokens, time, key=lambda token: token.time)

    def before(self, index: int, most: int) -> tuple[list[Token], int]:
        """The newest tokens before ``index`` on which a prediction there rests.

        Parameters
        ----------
        index : int
            0 to ``len``.
        most : int
            How many are wanted.

        Returns
        -------
        tokens : list of Token
            At most ``most``, the newest last; none where the stream starts anew with ``index``.
        count : int
            How many there were since the stream started anew.
        """
        if not self._tokens:
            return [], 0
        begin = self._begins[min(index, len(self._begins) - 1)]
        return self._tokens[max(begin, index - most) : index], index - begin
