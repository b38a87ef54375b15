"""The workers of the two kinds of media: pictures tick by their times or the clock, sound by its samples."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from app.capture.media import AudioBlock, Frame
from app.features.pictures import PictureTokens
from app.features.sound import SoundTokens
from app.features.tokens import Token
from app.pipeline.answers import SLACK
from app.pipeline.sound import Spectrum
from app.pipeline.state import Mode
from app.pipeline.stream import TaskStream
from app.pipeline.telling import Calls
from app.pipeline.worker import Worker

STALE = 0.5  # seconds without a new picture, live, after which the stream has a gap
FADES = 1.0  # seconds after its end for which a file's sound is what is heard: two ticks


class PictureWorker(Worker):
    """Pictures; live ones tick by the clock, so that a late one is repeated and a lost one is a gap.

    In a file a picture stands until the next one, but no longer than the model looks back: what comes after
    has nothing to do with it, and whatever times a file claims, there are so many ticks and no more.
    """

    def __init__(
        self, extractor: PictureTokens, stream: TaskStream, mode: Callable[[], Mode], calls: Calls
    ) -> None:
        super().__init__(extractor, stream, mode, calls)
        self._pictures = extractor
        self._newest: float | None = None  # media time of the newest picture since the last gap

    @property
    def _stands(self) -> float:
        return self.stream.model.receptive_field / self.stream.info.rate

    def _extract(self, media: Frame | AudioBlock) -> Iterator[Token]:
        assert isinstance(media, Frame)
        before = self._newest
        if before is not None and not self._live and media.time - before > self._stands:
            yield from self._repeated(before)
            self._lose(before, f"No picture from {before:.1f} s to {media.time:.1f} s")
        self._newest = media.time
        yield from self._pictures.frame(media)

    def _flush(self, media_time: float) -> Iterator[Token]:
        if self._newest is not None and media_time - self._newest > self._stands:
            yield from self._repeated(self._newest)
        else:
            yield from self._pictures.flush(media_time)

    def _repeated(self, newest: float) -> Iterable[Token]:
        """Tokens of the ticks for which the newest picture stands, of time ``newest``."""
        return self._pictures.advance(newest + self._stands - 2 * SLACK)

    def _lose(self, newest: float, reason: str) -> None:
        self._start_anew(newest + self._stands)
        self._tell_gap(reason)

    def _do_without(self, media_time: float) -> None:
        newest = self._newest
        if newest is None:
            return
        if media_time - newest <= self._stands:
            self._take(lambda: self._pictures.advance(media_time - 2 * SLACK))
            return
        self._take(lambda: self._repeated(newest))
        self._lose(newest, f"No picture since {newest:.1f} s")
        if self._answers.current:
            self._teller.change_feed("lost")

    def _seen(self, media: Frame | AudioBlock) -> Any:
        return self._pictures.people

    def _seen_again(self, media: Frame | AudioBlock, kept: Any) -> Any:
        return kept or ()

    def _kept(self) -> Any:
        return self._pictures.people

    def _until_due(self) -> float | None:
        if not self._live or self._newest is None:
            return None
        now = time.perf_counter() - self._epoch
        return (int(now * self.stream.info.rate) + 1) / self.stream.info.rate - now

    def _due(self) -> None:
        if not self._live or self._newest is None:
            return
        now = time.perf_counter() - self._epoch
        if now - self._newest > STALE:
            self._start_anew(now)
            self._teller.change_feed("lost")
            self._teller.tell(self._calls.gap, f"No new picture for {STALE} s")
        else:
            self._take(lambda: self._pictures.advance(now))

    def _start_anew(self, media_time: float) -> None:
        self._newest = None
        super()._start_anew(media_time)

    def _close(self) -> None:
        self._pictures.close()


class SoundWorker(Worker):
    """Sound; it ticks by its samples, live or not, and starts anew after silence."""

    def __init__(
        self, extractor: SoundTokens, stream: TaskStream, mode: Callable[[], Mode], calls: Calls
    ) -> None:
        super().__init__(extractor, stream, mode, calls)
        self._music = extractor
        self._spectrum = Spectrum()  # of sound that was heard before
        self._end: float | None = None  # media time to which sound came since the last gap

    @property
    def _stands(self) -> float:
        return FADES

    def _extract(self, media: Frame | AudioBlock) -> Iterable[Token]:
        assert isinstance(media, AudioBlock)
        self._end = media.end
        return self._music.audio(media)

    def _flush(self, media_time: float) -> Iterable[Token]:
        return self._music.flush()

    def _do_without(self, media_time: float) -> None:
        if self._end is None:
            return
        end = self._end
        self._take(self._music.flush)
        self._start_anew(end)
        self._tell_gap(f"No sound since {end:.1f} s")
        if self._answers.current:
            self._teller.change_feed("lost")

    def _start_anew(self, media_time: float) -> None:
        self._end = None
        super()._start_anew(media_time)

    def _seen(self, media: Frame | AudioBlock) -> Any:
        return self._music.columns(), self._music.level

    def _seen_again(self, media: Frame | AudioBlock, kept: Any) -> Any:
        assert isinstance(media, AudioBlock)
        return self._spectrum.push(media)

    def _ends_stream(self, token: Token) -> bool:
        return bool(token.status)  # silence ends a song: the next one is not judged by the last

    def _sought(self) -> None:
        self._spectrum = Spectrum()

    def _close(self) -> None:
        self._spectrum = Spectrum()
        self._music.gap(0.0)  # the resampler must not outlive its library
