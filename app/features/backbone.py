"""Pictures -> tokens of an image network from torchvision: for models trained on such features.

No weights of these networks are shipped.  They are read from where torchvision keeps what it downloaded, and
fetched only where that is asked for.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from app.capture.media import CaptureError, Frame
from app.capture.opencv import cv2
from app.features.pictures import PictureTokens
from app.features.tokens import Token
from app.program import COMMAND

BACKBONES = ("resnet18", "resnet50", "mobilenet_v3_large", "efficientnet_b0")
RANDOM = "random, from seed 0: of no meaning, for trying out"


@cache
def _torchvision() -> Any:
    """torchvision's models.

    A build whose compiled operators do not fit torch's fails at its import, which looks for two of them; none
    is used here, so to declare these is all it takes.
    """
    try:
        try:
            import torchvision.models
        except RuntimeError:
            for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
                del sys.modules[name]  # what the first try left half made
            _declare_operators()
            import torchvision.models
    except (ImportError, RuntimeError) as error:
        remedy = "Install the build of torchvision that fits this torch."
        raise CaptureError(f"torchvision cannot be used: {error}.", remedy) from error
    return torchvision.models


@cache  # which keeps the library: its declarations go with it
def _declare_operators() -> torch.library.Library:
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return library


class BackboneTokens(PictureTokens):
    """Tokens of a stream of pictures: the network's last layer before its classes.

    Parameters
    ----------
    backbone : str
        One of `BACKBONES`.
    rate : float
        Ticks a second.
    weights : {"downloaded", "random"}
        Those of torchvision, which must be on the machine; or random ones, to try the way out.
    download : bool
        Whether to fetch weights that are not there, from torchvision's server.
    batch : int
        Pictures that go through the network together: with more than one a token's vector is written when its
        batch is full, or by `finish`.

    Raises
    ------
    ValueError
        No such backbone, or weights.
    CaptureError
        torchvision or the weights are missing; says how to get them.
    """

    def __init__(
        self,
        backbone: str,
        rate: float = 4.0,
        weights: str = "downloaded",
        download: bool = False,
        batch: int = 1,
    ) -> None:
        super().__init__(rate)
        if backbone not in BACKBONES:
            raise ValueError(f"no backbone {backbone!r}; there are {', '.join(BACKBONES)}")
        if weights not in ("downloaded", "random"):
            raise ValueError(f"weights is {weights!r}, expected 'downloaded' or 'random'")
        self._batch = batch
        self._waiting: list[tuple[Tensor, np.ndarray]] = []
        models = _torchvision()
        kind = models.get_model_weights(backbone).DEFAULT
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            network = models.get_model(backbone, weights=None)
        if weights == "downloaded":
            network.load_state_dict(_state(kind, backbone, download))
        self.size = _without_classes(network)
        self._network: nn.Module = network.eval()
        made = kind.transforms()
        self._crop, self._resize = made.crop_size[0], made.resize_size[0]
        self._mean, self._std = np.float32(made.mean), np.float32(made.std)
        self.features = {
            "extractor": f"torchvision {backbone}",
            "weights": kind.name if weights == "downloaded" else RANDOM,
            "rate": rate,
            "size": self.size,
        }
        from torch.utils.flop_counter import FlopCounterMode  # slow to import, and wanted here only

        with FlopCounterMode(display=False) as counter:
            self._embed(torch.zeros(1, 3, self._crop, self._crop))
        self.macs = {backbone: counter.get_total_flops() // 2}

    def _token(self, frame: Frame, time: float, repeated: bool) -> Token:
        if not repeated:
            self._vector = np.zeros(self.size, np.float32)
            self._write(frame.image, self._vector)
        return Token(self._tick, time, self._vector, frame.captured, "", repeated)

    def _write(self, image: np.ndarray, vector: np.ndarray) -> None:
        """Write the picture's features into ``vector`` (F,), now or with the rest of its batch."""
        self._waiting.append((self._prepare(image), vector))
        if len(self._waiting) >= self._batch:
            self.finish()

    def finish(self) -> None:
        """Write the vectors that wait for their batch."""
        if self._waiting:
            pictures, vectors = zip(*self._waiting, strict=True)
            self._waiting.clear()
            for vector, features in zip(vectors, self._embed(torch.cat(pictures)).numpy(), strict=True):
                vector[:] = features

    def _embed(self, picture: Tensor) -> Tensor:
        """Pictures (B, 3, crop, crop) -> (B, F)."""
        with torch.no_grad():
            return self._network(picture).flatten(1)

    def _prepare(self, image: np.ndarray) -> Tensor:
        """BGR (height, width, 3) -> (1, 3, crop, crop): its middle, of the size that the network knows."""
        height, width = image.shape[:2]
        scale = self._resize / min(height, width)
        size = (max(self._crop, round(width * scale)), max(self._crop, round(height * scale)))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        top, left = (small.shape[0] - self._crop) // 2, (small.shape[1] - self._crop) // 2
        middle = small[top : top + self._crop, left : left + self._crop, ::-1]  # RGB
        picture = (middle.astype(np.float32) / 255 - self._mean) / self._std
        return torch.from_numpy(picture.transpose(2, 0, 1)[None].copy())


def _state(kind: Any, backbone: str, download: bool) -> dict[str, Tensor]:
    """The weights of torchvision, from its own folder."""
    path = Path(torch.hub.get_dir()) / "checkpoints" / kind.url.rsplit("/", 1)[1]
    if not path.is_file():
        if not download:
            command = f"`{COMMAND} oad features --backbone {backbone} --download …`"
            cause = f"The weights of {backbone} are not on this machine ({path})."
            raise CaptureError(cause, f"{command} fetches them from {kind.url}.")
        try:
            return kind.get_state_dict(progress=True, check_hash=True)
        except OSError as error:
            raise CaptureError(
                f"{kind.url} cannot be fetched: {error}.", f"Put the file at {path}."
            ) from error
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file raises whatever its bytes happen to mean
        raise CaptureError(f"{path} is damaged: {error}.", "Remove it and fetch it again.") from error


def _without_classes(network: nn.Module) -> int:
    """Take the layer of the classes off; returns what it was given."""
    name, head = list(network.named_children())[-1]
    layers = list(head.children()) or [head]
    last = layers[-1]
    assert isinstance(last, nn.Linear)
    setattr(network, name, nn.Sequential(*layers[:-1]))  # of none at all: the identity
    return last.in_features
