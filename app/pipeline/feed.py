"""What feeds a task, as a state of its own: nothing that the task shows outlives it."""

from __future__ import annotations

from typing import Literal

Feed = Literal["none", "waiting", "delivering", "lost"]

# none: no source has media of this kind; waiting: a source was opened, or is at a place without an answer;
# delivering: its media come; lost: they came, and stopped (a device pulled out, sound shorter than the film).
ALLOWED: dict[Feed, frozenset[Feed]] = {
    "none": frozenset({"waiting"}),
    "waiting": frozenset({"none", "delivering", "lost"}),
    "delivering": frozenset({"none", "waiting", "lost"}),
    "lost": frozenset({"none", "waiting", "delivering"}),
}


def changed(old: Feed, new: Feed) -> bool:
    """Whether this is a change.

    Raises
    ------
    ValueError
        If ``new`` cannot follow ``old``: media without a source.
    """
    if new == old:
        return False
    if new not in ALLOWED[old]:
        raise ValueError(f"feed is {new!r} after {old!r}, expected one of {', '.join(sorted(ALLOWED[old]))}")
    return True
