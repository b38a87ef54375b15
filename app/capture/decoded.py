"""What FFmpeg decodes, as the program wants it: pictures upright, sound mono."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.video.reformatter import VideoReformatter

PLANES = 8  # of one block of sound that PyAV reads safely


class Upright:
    """Makes BGR pictures (height, width, 3) that stand upright, of square pixels, never larger than decoded.

    Parameters
    ----------
    aspect : Fraction
        Width of a pixel by its height: left as they are, DV and DVD make people too thin or too fat.
    """

    def __init__(self, aspect: Fraction) -> None:
        self._aspect = aspect
        self._reformatter = VideoReformatter()  # keeps its scaler between pictures

    def __call__(self, picture: av.VideoFrame) -> np.ndarray:
        """The picture as an array of its own."""
        width, height = picture.width, picture.height
        if self._aspect > 1:
            height = max(1, round(height / self._aspect))
        else:
            width = max(1, round(width * self._aspect))
        # Bicubic as ffmpeg's own scaler: colours of 10-bit pictures are scaled, too.
        shaped = self._reformatter.reformat(
            picture, width, height, format="bgr24", interpolation="BICUBIC", threads=1
        )
        # The file says by how much to turn it, counter-clockwise, for it to stand upright.
        return turned(np.ascontiguousarray(shaped.to_ndarray()), round(picture.rotation / 90) % 4)


def turned(image: np.ndarray, quarters: int) -> np.ndarray:
    """The picture turned counter-clockwise; colour by colour is six times as fast as pixel by pixel."""
    if not quarters:
        return image
    turned = np.empty(np.rot90(image, quarters).shape, np.uint8)
    for colour in range(3):
        turned[..., colour] = np.rot90(image[..., colour], quarters)
    return turned


def mono(piece: av.AudioFrame) -> np.ndarray:
    """The mean of the channels as float32, full scale ±1, shape (n,)."""
    if piece.format.is_planar and piece.layout.nb_channels > PLANES:
        # PyAV reads on behind the last of so many planes, and may crash.
        piece = AudioResampler(piece.format.packed, piece.layout).resample(piece)[0]
    samples: np.ndarray = piece.to_ndarray()  # planar: (channels, n); packed: (1, n * channels)
    if piece.format.is_packed:
        samples = samples.reshape(-1, piece.layout.nb_channels).T
    if samples.dtype == np.uint8:
        samples = (samples.astype(np.float32) - 128.0) / 128.0
    elif samples.dtype.kind == "i":
        samples = samples.astype(np.float32) / -float(np.iinfo(samples.dtype).min)
    return samples.mean(axis=0, dtype=np.float32)
