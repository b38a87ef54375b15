"""Online action detection: labels, features and splits, as OadTR, LSTR, TeSTra and MiniROAD store them.

Two layouts are read, and may be mixed:

- OadTR's pickles: video -> (T, C) labels, or ``{"anno": (T, C), "feature_length": T}``; video -> ``{"rgb":
  (T, F), "flow": (T, F), "audio": (T, F)}``, of which some.  A ``.zip`` of such pickles will do.
- Folders of one ``.npy`` a video: ``target_perframe/X.npy``; ``rgb_*/X.npy``, ``flow_*/X.npy``,
  ``audio_*/X.npy``.  These are mapped into memory, not read.

A token is the video's rgb, flow and audio features of one moment, in this order.
"""

from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy._core import multiarray, numeric

STREAMS = ("rgb", "flow", "audio")


class Video(NamedTuple):
    """One video.

    Attributes
    ----------
    name : str
    targets : ndarray of shape (T, C)
        One-hot or soft labels.
    features : tuple of ndarray of shape (T, F_i)
        In the order of `STREAMS`; in memory or mapped.
    """

    name: str
    targets: np.ndarray
    features: tuple[np.ndarray, ...]

    @property
    def size(self) -> int:
        """F, features of a token."""
        return sum(part.shape[1] for part in self.features)

    def tokens(self, start: int, stop: int) -> np.ndarray:
        """Tokens (stop - start, F) float32."""
        return np.concatenate([part[start:stop].astype(np.float32) for part in self.features], axis=1)


class Dataset(NamedTuple):
    """Classes and splits.

    Attributes
    ----------
    name : str
    classes : tuple of str
        The first is the background.
    ambiguous : int or None
        The class whose frames are neither trained on nor scored.
    splits : dict of str to list of str
        ``train`` and ``test``: names of videos.
    """

    name: str
    classes: tuple[str, ...]
    ambiguous: int | None
    splits: dict[str, list[str]]


class Labels(NamedTuple):
    """Labels (T, C) of a video, and how many features its file says it has."""

    targets: np.ndarray
    stated: int | None


def read_info(path: str | Path, name: str) -> Dataset:
    """Read a dataset's classes and splits from ``data_info.json``.

    Raises
    ------
    ValueError
        Not such a file, or it knows no dataset of that name.
    OSError
        It cannot be read.
    """
    try:
        info = json.loads(Path(path).read_text("utf-8"))
        known = {key.lower(): key for key in info}
    except (ValueError, AttributeError) as error:
        raise ValueError(f"{path} is not a data_info.json: {error}") from error
    if name.lower() not in known:
        raise ValueError(f"{path} has no dataset {name!r}; it has {', '.join(info)}")
    entry = info[known[name.lower()]]
    try:
        classes = tuple(entry["class_index"] if "class_index" in entry else entry["class_names"])
        splits = {split: list(entry[f"{split}_session_set"]) for split in ("train", "test")}
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path}: {name} lacks {error}") from error
    both = sorted(set(splits["train"]) & set(splits["test"]))
    if both:
        raise ValueError(f"{path}: {both[0]} is in the train and in the test split of {name}")
    ambiguous = [k for k, label in enumerate(classes) if label.lower() == "ambiguous"]
    return Dataset(name, classes, ambiguous[0] if ambiguous else None, splits)


# --- Pickles ---


def _encode(text: str, encoding: str) -> bytes:
    if encoding.replace("-", "").lower() != "latin1":
        raise pickle.UnpicklingError(f"text encoded as {encoding}, expected latin1")
    return text.encode("latin1")


# All that numpy itself writes into a pickle, under its old and its new names; _codecs.encode is how Python 3
# writes bytes for Python 2.
_ALLOWED: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("_codecs", "encode"): _encode,
}
for _core in ("numpy.core", "numpy._core"):
    _ALLOWED[f"{_core}.multiarray", "_reconstruct"] = multiarray._reconstruct
    _ALLOWED[f"{_core}.multiarray", "scalar"] = multiarray.scalar
    _ALLOWED[f"{_core}.numeric", "_frombuffer"] = numeric._frombuffer  # type: ignore[attr-defined]


class _NumpyUnpickler(pickle.Unpickler):
    """A pickle can call any function; this one calls numpy's constructors and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"it wants {module}.{name}, and only numpy arrays in plain containers are read"
            ) from None


def load_pickle(file: IO[bytes], name: str) -> Any:
    """Read a pickle of numpy arrays, numbers, text and plain containers.

    Raises
    ------
    ValueError
        Anything else is in it, which is named, or it is damaged.
    """
    try:
        return _NumpyUnpickler(file, encoding="latin1").load()
    except MemoryError as error:
        raise ValueError(f"{name} does not fit into memory, or is damaged") from error
    except Exception as error:  # a damaged pickle raises whatever its bytes happen to mean
        raise ValueError(f"{name} is refused: {error}") from error


def _pickles(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The dictionaries video -> ... of a pickle, or of each one in a zip."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            members = [name for name in archive.namelist() if name.endswith((".pickle", ".pkl"))]
            if not members:
                raise ValueError(f"{path} has no .pickle in it")
            for member in members:
                with archive.open(member) as file:
                    yield f"{path}/{member}", _dictionary(load_pickle(file, f"{path}/{member}"), str(path))
    else:
        with path.open("rb") as file:
            yield str(path), _dictionary(load_pickle(file, str(path)), str(path))


def _dictionary(found: Any, name: str) -> dict[str, Any]:
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise ValueError(f"{name} holds a {type(found).__name__}, expected a dictionary of videos")
    return found


def _array(value: Any, where: str) -> np.ndarray:
    """Rows of numbers (T, n) with T and n at least 1."""
    array = np.asarray(value) if isinstance(value, (np.ndarray, list)) else None
    if array is None or array.ndim != 2 or array.dtype.kind not in "fiub" or not array.size:
        seen = type(value).__name__ if array is None else f"{array.dtype} {array.shape}"
        raise ValueError(f"{where} is {seen}, expected an array of numbers (frames, n)")
    return array


# --- Labels and features ---


def read_labels(paths: Sequence[str | Path]) -> dict[str, Labels]:
    """Read labels: pickles, zips of them, or ``target_perframe`` folders (or the folder above).

    Returns
    -------
    dict of str to Labels
        By video.

    Raises
    ------
    ValueError
        A file that is not labels, names it; a video with two.
    OSError
        A file cannot be read.
    """
    found: dict[str, Labels] = {}
    for path in map(Path, paths):
        if path.is_dir():
            folder = path / "target_perframe" if (path / "target_perframe").is_dir() else path
            read = [(str(file), file.stem, Labels(_mapped(file), None)) for file in _npy(folder)]
        else:
            read = []
            for file, videos in _pickles(path):
                for name, value in videos.items():
                    stated = value.get("feature_length") if isinstance(value, dict) else None
                    anno = value.get("anno") if isinstance(value, dict) else value
                    labels = Labels(
                        _array(anno, f"{file}: labels of {name}"), None if stated is None else int(stated)
                    )
                    read.append((file, name, labels))
        for file, name, labels in read:
            if name in found:
                raise ValueError(f"{file}: {name} has labels in another file too")
            found[name] = labels
    return found


def read_features(paths: Sequence[str | Path]) -> dict[str, dict[str, np.ndarray]]:
    """Read features: pickles, zips of them, folders ``rgb_*``, ``flow_*``, ``audio_*``, or the one above.

    Returns
    -------
    dict of str to dict of str to ndarray of shape (T, F_i)
        By video, by stream (`STREAMS`).

    Raises
    ------
    ValueError, OSError
        As of `read_labels`; a folder that holds several of a kind.
    """
    found: dict[str, dict[str, np.ndarray]] = {}

    def add(file: str, name: str, stream: str, array: np.ndarray) -> None:
        if stream in found.setdefault(name, {}):
            raise ValueError(f"{file}: {name} has {stream} features in another file too")
        found[name][stream] = array

    for path in map(Path, paths):
        if path.is_dir():
            for folder in _stream_folders(path):
                for npy in _npy(folder):
                    add(str(npy), npy.stem, _stream(folder.name), _mapped(npy))
            continue
        for file, videos in _pickles(path):
            for name, value in videos.items():
                if not isinstance(value, dict) or not set(value) & set(STREAMS):
                    raise ValueError(f"{file}: {name} has no rgb, flow or audio features")
                for stream in STREAMS:
                    if stream in value:
                        add(file, name, stream, _array(value[stream], f"{file}: {stream} of {name}"))
    return found


def _stream(folder: str) -> str:
    stream = folder.partition("_")[0]
    if stream not in STREAMS:
        raise ValueError(f"the folder {folder} is none of rgb_*, flow_*, audio_*")
    return stream


def _stream_folders(path: Path) -> list[Path]:
    inside = {stream: sorted(p for p in path.glob(f"{stream}_*") if p.is_dir()) for stream in STREAMS}
    for stream, folders in inside.items():
        if len(folders) > 1:
            names = ", ".join(folder.name for folder in folders)
            raise ValueError(
                f"{path} has {len(folders)} folders of {stream} features ({names}): name those meant"
            )
    return [folders[0] for folders in inside.values() if folders] or [path]


def _npy(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.npy"))
    if not files:
        raise ValueError(f"{folder} has no .npy of a video in it")
    return files


def _mapped(path: Path) -> np.ndarray:
    try:
        return _array(np.load(path, mmap_mode="r", allow_pickle=False), str(path))
    except (ValueError, EOFError) as error:
        raise ValueError(f"{path} is refused: {error}") from error
