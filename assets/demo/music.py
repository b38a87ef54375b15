"""The demo's music: short pieces written here note by note, as standard MIDI.

Chords, rhythms and tunes are this project's own.  :func:`midi` makes a MIDI file of a :class:`Piece`; a
synthesiser makes sound of that (see ``build_demo.py``).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

TICKS = 480  # MIDI ticks a beat
DRUMS = 9  # the MIDI channel of percussion
KICK, SNARE, CLAP, PEDAL, OPEN, CRASH, RIDE, TAMBOURINE = 36, 38, 39, 44, 46, 49, 51, 54


@dataclass
class Piece:
    """Notes on a grid of beats.

    Attributes
    ----------
    tempo : float
        Beats a minute.
    swing : float
        Where the second eighth of a beat falls: 0.5 straight, 0.67 swung.
    programs : dict of channel → General MIDI program
    notes : list of (start, length, pitch, velocity, channel), beats
    """

    tempo: float
    swing: float = 0.5
    programs: dict[int, int] = field(default_factory=dict)
    volumes: dict[int, int] = field(default_factory=dict)
    pans: dict[int, int] = field(default_factory=dict)
    notes: list[tuple[float, float, int, int, int]] = field(default_factory=list)

    def play(
        self, channel: int, start: float, length: float, pitches: Iterable[int] | int, velocity: int = 90
    ) -> None:
        """One note or a chord."""
        whole, part = divmod(start, 1.0)
        # swing bends time within the beat: its first half stretches to `swing`, its second takes the rest
        bent = part * 2 * self.swing if part < 0.5 else self.swing + (part - 0.5) * 2 * (1 - self.swing)
        for pitch in [pitches] if isinstance(pitches, int) else pitches:
            self.notes.append((whole + bent, length, pitch, velocity, channel))

    def drum(self, bar: int, beats: int, drum: int, pattern: str) -> None:
        """A bar of one drum: ``x`` loud, ``o`` soft, ``.`` nothing; the pattern divides the bar evenly."""
        for k, stroke in enumerate(pattern):
            if stroke != ".":
                start = bar * beats + k * beats / len(pattern)
                self.play(DRUMS, start, 0.2, drum, 112 if stroke == "x" else 72)

    def line(self, channel: int, start: float, tune: str, velocity: int = 95) -> None:
        """A tune, ``pitch:beats`` by ``pitch:beats``; a pitch of 0 is a rest."""
        for word in tune.split():
            pitch, length = word.split(":")
            if int(pitch):
                self.play(channel, start, float(length) * 0.95, int(pitch), velocity)
            start += float(length)


def midi(piece: Piece, seed: int = 1) -> bytes:
    """A standard MIDI file (format 0) of a piece, its timing and touch a little uneven, as people's are."""
    rng = np.random.default_rng(seed)
    events: list[tuple[int, int, bytes]] = [
        (0, 0, b"\xff\x51\x03" + struct.pack(">I", round(6e7 / piece.tempo))[1:])
    ]
    for controller, values in ((None, piece.programs), (7, piece.volumes), (10, piece.pans)):
        for channel, value in values.items():
            data = (
                bytes([0xC0 | channel, value])
                if controller is None
                else bytes([0xB0 | channel, controller, value])
            )
            events.append((0, 1, data))
    for start, length, pitch, velocity, channel in piece.notes:
        on = max(0, round((start + rng.normal(0, 0.006)) * TICKS))
        touch = int(np.clip(velocity + rng.normal(0, 5), 20, 127))
        events.append((on, 3, bytes([0x90 | channel, pitch, touch])))
        events.append((on + max(20, round(length * TICKS)), 2, bytes([0x80 | channel, pitch, 0])))
    events.sort(key=lambda e: e[:2])
    track, now = b"", 0
    for when, _, data in events:
        track += _variable(when - now) + data
        now = when
    track += b"\x00\xff\x2f\x00"
    return struct.pack(">4sIHHH4sI", b"MThd", 6, 0, 1, TICKS, b"MTrk", len(track)) + track


def _variable(value: int) -> bytes:
    """MIDI's variable-length number."""
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(value & 0x7F | 0x80)
    return bytes(reversed(out))


# --- the pieces: each fills at least `beats` beats --------------------------------------------------------


def jazz(beats: int) -> Piece:
    """Swing: walking bass, ride cymbal, piano comping, a tenor saxophone; ii–V–I–VI in F."""
    p = Piece(168, 0.66, {0: 0, 1: 32, 2: 66}, {0: 78, 1: 108, 2: 100, DRUMS: 84}, {0: 44, 2: 76})
    shells = [(53, 58, 62, 65), (52, 58, 62, 69), (57, 60, 64, 67), (54, 60, 63, 69)]  # Gm9 C13 Fmaj9 D7b9
    bass = [(43, 46, 50, 47), (48, 52, 46, 42), (41, 45, 48, 51), (50, 48, 45, 42)]
    tunes = [
        "0:0.5 74:0.5 77:0.5 81:0.5 79:0.5 77:0.5 74:0.5 70:0.5",
        "76:0.5 74:0.5 73:0.5 70:0.5 67:1 0:0.5 64:0.5",
        "65:0.5 67:0.5 69:0.5 72:0.5 76:0.5 74:0.5 72:1",
        "0:1 78:0.5 75:0.5 72:0.5 69:0.5 66:0.5 63:0.5",
        "62:0.5 65:0.5 69:0.5 70:1.5 0:1",
        "74:0.34 75:0.33 74:0.33 70:0.5 67:0.5 64:0.5 61:0.5 60:1",
        "57:0.5 60:0.5 64:0.5 67:0.5 69:2",
        "0:0.5 69:0.5 70:0.5 71:0.5 72:0.5 75:0.5 78:0.5 81:0.5",
    ]
    for bar in range(beats // 4 + 1):
        k = bar % 4
        for beat, pitch in enumerate(bass[k]):
            p.play(1, bar * 4 + beat, 0.9, pitch, 100)
        for start in ((0, 1.5), (0.5, 2.5), (1.5, 3.5), (0, 2.5))[k]:
            p.play(0, bar * 4 + start, 0.45, shells[k], 70)
        p.drum(bar, 4, RIDE, "x.xox.xo" if bar % 2 else "x.xox.xx")
        p.drum(bar, 4, PEDAL, ".x.x")
        p.drum(bar, 4, SNARE, (".....o..", "..o....o", ".......o", "...o.o..")[k])
        p.drum(bar, 4, KICK, "o...o...")
        p.line(2, bar * 4, tunes[bar % 8], 98)
    return p


def metal(beats: int) -> Piece:
    """Palm-muted gallop and power chords on two distorted guitars, double bass drum."""
    p = Piece(
        184, 0.5, {0: 30, 1: 30, 2: 34, 3: 30}, {0: 104, 1: 104, 2: 100, 3: 84, DRUMS: 112}, {0: 8, 1: 120}
    )
    roots = [40, 40, 41, 40, 40, 46, 45, 43]
    for bar in range(beats // 4 + 1):
        root, four = roots[bar % 8], bar * 4
        for channel in (0, 1):
            if bar % 4 == 3:
                for start, step in ((0, 0), (1, 3), (2, 1), (3, 6)):
                    p.play(channel, four + start, 0.95, (root + step, root + step + 7, root + step + 12), 118)
            else:
                for beat in range(3):
                    for start, loud in ((0, 118), (0.5, 96), (0.75, 96)):
                        p.play(channel, four + beat + start, 0.16, (root, root + 7), loud)
                p.play(channel, four + 3, 0.9, (root + 1, root + 8, root + 13), 120)
        for start in np.arange(0, 4, 0.5):
            p.play(2, four + float(start), 0.4, root - 12 if root - 12 >= 28 else root, 112)
        p.drum(bar, 4, KICK, "xxxxxxxxxxxxxxxx")
        p.drum(bar, 4, SNARE, "..x...x.")
        p.drum(bar, 4, CRASH, "x..." if bar % 2 == 0 else "....")
        p.drum(bar, 4, RIDE, "xxxxxxxx")
        if bar % 8 >= 4:
            run = [76, 79, 83, 82, 79, 76, 77, 79, 83, 86, 88, 86, 83, 82, 79, 77]
            for k, pitch in enumerate(run):
                p.play(3, four + k / 4, 0.24, pitch, 110)
    return p


def classical(beats: int) -> Piece:
    """A slow movement for strings: a violin's tune over an even accompaniment, in G."""
    p = Piece(
        72, 0.5, {0: 48, 1: 40, 2: 42, 3: 48}, {0: 80, 1: 104, 2: 96, 3: 76}, {0: 40, 1: 50, 2: 90, 3: 84}
    )
    chords = [
        (55, 59, 62),
        (54, 57, 62),
        (52, 55, 59),
        (50, 55, 59),
        (48, 52, 55),
        (47, 50, 55),
        (45, 48, 52),
        (50, 54, 57),
    ]
    bass = [43, 42, 40, 47, 48, 43, 45, 38]
    tunes = [
        "74:1.5 79:0.5 78:0.5 79:0.5 81:1",
        "81:1 78:1 74:1.5 76:0.5",
        "79:1.5 78:0.5 76:0.5 78:0.5 79:1",
        "74:3 0:1",
        "76:1 79:0.5 83:0.5 84:1 83:0.5 81:0.5",
        "83:1.5 81:0.5 79:2",
        "76:0.5 78:0.5 79:0.5 81:0.5 84:1 81:1",
        "81:1 78:1 74:2",
    ]
    for bar in range(beats // 4 + 1):
        k = bar % 8
        p.play(2, bar * 4, 2, bass[k], 84)
        p.play(2, bar * 4 + 2, 1.9, bass[k] + (0 if k % 2 else 12), 76)
        for step in range(8):
            low, middle, high = chords[k]
            p.play(0, bar * 4 + step / 2, 0.5, (low, high, middle, high)[step % 4], 62)
        p.play(3, bar * 4, 3.95, (chords[k][1], chords[k][2]), 54)
        p.line(1, bar * 4, tunes[k], 92)
    return p


def disco(beats: int) -> Piece:
    """Four on the floor, open hats between, octave bass, strings and clipped guitar."""
    p = Piece(
        122,
        0.5,
        {0: 28, 1: 38, 2: 48, 3: 61},
        {0: 84, 1: 108, 2: 92, 3: 88, DRUMS: 110},
        {0: 30, 2: 70, 3: 96},
    )
    chords = [(57, 60, 64), (53, 57, 60), (50, 53, 57), (52, 56, 59)]
    strings = ["76:1.5 74:0.5 72:1 71:0.5 72:0.5", "69:2 72:1 77:1", "74:1.5 77:0.5 81:2", "80:1 83:1 88:2"]
    for bar in range(beats // 4 + 1):
        low, middle, high = chords[bar % 4]
        for step in range(8):
            p.play(1, bar * 4 + step / 2, 0.4, low - 24 + 12 * (step % 2), 108)
        for step in (1, 3, 4, 6, 7, 9, 11, 12, 14, 15):
            p.play(0, bar * 4 + step / 4, 0.12, (low + 12, middle + 12, high + 12), 84)
        p.line(2, bar * 4, strings[bar % 4], 92)
        for start in (1.5, 2.0) if bar % 2 else ():
            p.play(3, bar * 4 + start, 0.3, (low + 12, middle + 12, high + 12), 104)
        p.drum(bar, 4, KICK, "xxxx")
        p.drum(bar, 4, CLAP, ".x.x")
        p.drum(bar, 4, SNARE, ".x.x")
        p.drum(bar, 4, OPEN, ".x.x.x.x")
        p.drum(bar, 4, TAMBOURINE, "oooooooooooooooo")
    return p


PIECES: dict[str, Callable[[int], Piece]] = {
    piece.__name__: piece for piece in (jazz, metal, classical, disco)
}
