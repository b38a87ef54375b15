"""A body of skin, hair and clothes that moves as a skeleton does, to be rendered: MakeHuman's mesh and rig.

Bones are turned as the limbs of the skeleton point, and keep their own lengths: puppets differ as people do.
Vertices follow their bones (linear blend skinning).  Axes: :mod:`models.training.actions.skeletons`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from models.training.actions.skeletons import unit

Rng = np.random.Generator
FLOATS = 18  # of a vertex: place 3, normal 3, colour 3, whether cloth 1, bones 4, their shares 4
SKIN = np.array(
    [[240, 205, 180], [225, 180, 150], [200, 150, 115], [160, 110, 80], [130, 90, 68], [95, 66, 54]]
)
HAIR = np.array([[25, 20, 18], [60, 40, 28], [110, 75, 45], [170, 135, 85], [130, 130, 130]])
NOSE = np.array([0.0, 0.02, 0.09])  # the middle of a face, from where the head turns on the neck, metres
SHRUG = 0.45  # by how much of an arm's height the collarbone rises with it
BENT = (0.15, 0.5)  # sine of the angle at a knee or elbow from which on, and above which fully, it says where
MOST = 1.0  # the bone above turns about itself, and by how many radians at most
FLAT = (0.04, 0.19)  # metres over the floor up to which a foot is flat on it, and from which on it hangs


@cache
def _mesh(file: Path) -> dict[str, np.ndarray]:
    with np.load(file) as mesh:
        return {name: mesh[name] for name in mesh.files}


class Puppet:
    """One person at random: sex, origin, muscles and weight, skin, hair, clothes.

    Parameters
    ----------
    rng : numpy.random.Generator
    file : Path
        ``people.npz``, as ``assets/build_people.py`` makes it.

    Attributes
    ----------
    bones : list of str
    heads : dict of str to ndarray of shape (3,)
        Where each bone begins at rest, metres.
    vertices : ndarray of shape (N, FLOATS), float32
    triangles : ndarray of shape (M, 3), int32
    stripes : ndarray of shape (4,)
        Of the clothes: wave vector, radians a metre, and how far from even their colour is.
    """

    def __init__(self, rng: Rng, file: Path) -> None:
        mesh = _mesh(file)
        self.bones = [str(name) for name in mesh["bones"]]
        places = mesh["vertices"] + _figure(rng, mesh)  # (V, 3)
        self.heads = dict(zip(self.bones, places[mesh["heads"]].mean(1), strict=True))
        first = mesh["moved_by"][:, 0]  # (V,) the bone that moves a vertex most

        def moved_by(*names: str) -> np.ndarray:
            return np.isin(first, [k for k, bone in enumerate(self.bones) if bone.partition("_")[0] in names])

        clothes = mesh["clothes"][_worn(rng, moved_by)[mesh["clothes"]].all(1)]
        parts = [mesh["skin"], clothes, mesh["eyes"]]
        colours = np.zeros_like(places)
        colours[mesh["skin"]] = skin = SKIN[rng.integers(len(SKIN))] / 255 * rng.uniform(0.9, 1.08, 3)
        if rng.random() < 0.85:
            colours[moved_by("foot")] = _cloth(rng)  # shoes
        head = places - self.heads["head"]
        hair = HAIR[rng.integers(len(HAIR))] / 255
        if rng.random() < 0.88:
            colours[moved_by("head") & (0.8 * head[:, 1] - head[:, 2] > 0.03)] = hair
            if rng.random() < 0.3:  # long
                colours[mesh["hair"]] = hair
                parts.append(mesh["hair"][head[mesh["hair"], 2].max(1) < 0.02])
        _make_up(rng, colours, places, moved_by("head"), mesh, skin, hair)
        shirt, trousers = _cloth(rng), _cloth(rng)
        above = places[:, 1:2] > self.heads["pelvis"][1] + 0.06
        cloth = np.isin(np.arange(len(places)), mesh["clothes"])
        colours[cloth] = np.where(above, shirt, trousers if rng.random() < 0.85 else shirt)[cloth]
        triangles = np.concatenate(parts).astype(np.int64)
        rows = [places, _normals(places, triangles), colours, cloth[:, None], mesh["moved_by"], mesh["moved"]]
        used, inverse = np.unique(triangles, return_inverse=True)
        self.vertices = np.concatenate(rows, 1)[used].astype(np.float32)
        self.triangles = inverse.reshape(-1, 3).astype(np.int32)
        strength = rng.uniform(0, 0.35) * (rng.random() < 0.5)
        self.stripes = np.array([*rng.uniform(-75, 75, 3), strength])

    def moved(self, joints: np.ndarray, look: np.ndarray) -> np.ndarray:
        """Where the bones take the vertices at each frame: matrices (T, B, 3, 4), float32.

        Parameters
        ----------
        joints : ndarray of shape (T, 13, 3)
        look : ndarray of shape (T, 2)
            By how much the head turns to the left, and nods, radians.
        """
        h = self.heads
        turns: dict[str, np.ndarray] = {}
        places: dict[str, np.ndarray] = {}
        hips, shoulders = joints[:, 7:9].mean(1), joints[:, 1:3].mean(1)  # (T, 3)
        own_hips, own_shoulders = ((h[f"{bone}_l"] + h[f"{bone}_r"]) / 2 for bone in ("thigh", "upperarm"))

        def follow(parent: str, bone: str) -> None:
            places[bone] = places[parent] + turns[parent] @ (h[bone] - h[parent])

        trunk, own_trunk = shoulders - hips, own_shoulders - own_hips
        pelvis = _axes(joints[:, 7] - joints[:, 8], trunk) @ _axes(h["thigh_l"] - h["thigh_r"], own_trunk).T
        across = h["upperarm_l"] - h["upperarm_r"]
        chest = _axes(joints[:, 1] - joints[:, 2], trunk) @ _axes(across, own_trunk).T
        turns |= {"pelvis": pelvis, "spine_03": chest}
        turns |= {"spine_01": _between(pelvis, chest, 0.33), "spine_02": _between(pelvis, chest, 0.66)}
        legs = np.linalg.norm(joints[:, 9:] - joints[:, 7:11], axis=-1).sum(-1) / 2  # (T,)
        own_legs = np.linalg.norm(h["thigh_l"] - h["calf_l"]) + np.linalg.norm(h["calf_l"] - h["foot_l"])
        root = hips * np.array([1, own_legs / np.median(legs), 1])
        places["pelvis"] = root + pelvis @ (h["pelvis"] - own_hips)
        spine = ("pelvis", "spine_01", "spine_02", "spine_03", "neck_01")
        for parent, bone in pairwise(spine):
            follow(parent, bone)
        nods = _least(chest @ (h["head"] + NOSE - own_shoulders), joints[:, 0] - shoulders)
        facing = _between(np.broadcast_to(np.eye(3), nods.shape), nods, 0.7) @ chest
        turns["neck_01"] = _between(chest, facing, 0.5)
        turns["head"] = (
            facing @ _about(np.array([0.0, 1, 0]), look[:, 0]) @ _about(np.array([1.0, 0, 0]), look[:, 1])
        )
        follow("neck_01", "head")
        for side, (name, sign) in enumerate((("l", 1.0), ("r", -1.0))):
            collar, upper, lower, hand = (f"{b}_{name}" for b in ("clavicle", "upperarm", "lowerarm", "hand"))
            arm, forearm = (joints[:, k + 2 + side] - joints[:, k + side] for k in (1, 3))
            raised = (np.swapaxes(chest, 1, 2) @ unit(arm)[..., None])[:, 1, 0]  # (T,) -1 to 1
            turns[collar] = chest @ _about(np.array([0.0, 0, sign]), SHRUG * (raised + 0.1).clip(0))
            follow("spine_03", collar)
            follow(collar, upper)
            turns[upper] = _limb(turns[collar], h[lower] - h[upper], arm, forearm)
            follow(upper, lower)
            turns[lower] = turns[hand] = _pointed(turns[upper], h[hand] - h[lower], forearm)
            follow(lower, hand)
            thigh, calf, foot = (f"{b}_{name}" for b in ("thigh", "calf", "foot"))
            above, shin = (joints[:, k + 2 + side] - joints[:, k + side] for k in (7, 9))
            follow("pelvis", thigh)
            turns[thigh] = _limb(pelvis, h[calf] - h[thigh], above, -shin)
            follow(thigh, calf)
            turns[calf] = _pointed(turns[thigh], h[foot] - h[calf], shin)
            follow(calf, foot)
            turns[foot] = _foot(turns[calf], turns[thigh], joints[:, 11 + side, 1], joints[:, 11:, 1])
        out = np.empty((len(joints), len(self.bones), 3, 4), np.float32)
        for k, bone in enumerate(self.bones):
            out[:, k, :, :3] = turns[bone]
            out[:, k, :, 3] = places[bone] - turns[bone] @ h[bone]
        return out


# --- how a puppet looks ---------------------------------------------------------------------------------


def _figure(rng: Rng, mesh: dict[str, np.ndarray]) -> np.ndarray:
    """By how much somebody's vertices (V, 3) are elsewhere than the base mesh's."""
    names = mesh["targets"].tolist()
    sex, origin = rng.choice(["female", "male"]), rng.choice(["african", "asian", "caucasian"])
    muscle = rng.choice(["min", "average", "max"], p=[0.2, 0.6, 0.2])
    weight = rng.choice(["min", "average", "max"], p=[0.25, 0.6, 0.15])
    shares = {
        f"{origin}-{sex}-young": 1.0,
        f"universal-{sex}-young-{muscle}muscle-{weight}weight": 0.6,
    }
    return sum(share * mesh["moves"][names.index(name)].astype(float) for name, share in shares.items())


def _worn(rng: Rng, moved_by: Callable[..., np.ndarray]) -> np.ndarray:
    """Which vertices (V,) clothes may cover: long or short sleeves or none, long or short trousers."""
    bare = moved_by("foot", "hand", "head")
    sleeves = rng.random()
    if sleeves < 0.55:
        bare |= moved_by("lowerarm")
    if sleeves < 0.18:
        bare |= moved_by("upperarm")
    if rng.random() < 0.4:
        bare |= moved_by("calf")
    return ~bare


def _make_up(
    rng: Rng,
    colours: np.ndarray,
    places: np.ndarray,
    head: np.ndarray,
    mesh: dict[str, np.ndarray],
    skin: np.ndarray,
    hair: np.ndarray,
) -> None:
    """Paint a face, without which a head has no front: eyes, brows, lips."""
    eyes = np.unique(mesh["eyes"])
    middle = places[eyes].mean(0)
    x, y, z = (places - middle).T
    x = np.abs(x)
    apart = float(np.abs(places[eyes, 0] - middle[0]).mean())  # of an eye from the middle
    front = head & (z > -0.025)
    around = np.hypot(x - apart, y)
    colours[front & (around < 0.022)] = skin * rng.uniform(0.6, 0.9)
    colours[front & (x > 0.009) & (x < 0.05) & (y > 0.015) & (y < 0.027)] = hair * 0.8
    lips = front & (x < 0.026) & (y > -0.078) & (y < -0.056)
    colours[lips] = skin * np.array([0.85, 0.55, 0.55]) * rng.uniform(0.7, 1.0)
    colours[eyes] = 0.9
    colours[eyes[around[eyes] < 0.0075]] = rng.uniform(0.02, 0.25, 3)


def _cloth(rng: Rng) -> np.ndarray:
    """A colour (3,), 0 to 1; often a grey."""
    return rng.uniform(0.02, 0.95, 3) if rng.random() < 0.6 else np.repeat(rng.uniform(0.02, 0.95), 3)


def _normals(places: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Of each vertex (V, 3): the mean of its triangles'."""
    a, b, c = (places[triangles[:, k]] for k in range(3))
    out = np.zeros_like(places)
    for k in range(3):
        np.add.at(out, triangles[:, k], np.cross(b - a, c - a))
    return unit(out)


# --- rotations, (T, 3, 3) each --------------------------------------------------------------------------


def _axes(across: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Whose second axis is ``up``, and whose first is as near ``across`` as can be."""
    y = unit(up)
    x = unit(across - (across * y).sum(-1, keepdims=True) * y)
    return np.stack([x, y, np.cross(x, y)], -1)


def _between(first: np.ndarray, second: np.ndarray, share: float | np.ndarray) -> np.ndarray:
    mean = first * (1 - share) + second * share
    return _axes(mean[..., 0], mean[..., 1])


def _cross(axis: np.ndarray) -> np.ndarray:
    """Matrices of the cross product with vectors (..., 3)."""
    x, y, z = np.moveaxis(axis, -1, 0)
    zero = np.zeros_like(x)
    rows = [[zero, -z, y], [z, zero, -x], [-y, x, zero]]
    return np.stack([np.stack(row, -1) for row in rows], -2)


def _about(axis: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """By an angle (T,) about an axis, (T, 3) or (3,)."""
    k = _cross(np.broadcast_to(unit(axis), (len(angle), 3)))
    return np.eye(3) + np.sin(angle)[:, None, None] * k + (1 - np.cos(angle))[:, None, None] * (k @ k)


def _least(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The least that turns directions (T, 3) to others."""
    a, b = unit(start), unit(end)
    k = _cross(np.cross(a, b))
    cosine = (a * b).sum(-1)[:, None, None].clip(-0.9999)
    return np.eye(3) + k + k @ k / (1 + cosine)


def _pointed(parent: np.ndarray, own: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """A bone that lies along ``own`` at rest, moves with its parent and points somewhere (T, 3)."""
    return _least(parent @ own, direction) @ parent


def _limb(parent: np.ndarray, own: np.ndarray, direction: np.ndarray, bent_to: np.ndarray) -> np.ndarray:
    """A bone as of :func:`_pointed`, turned about itself so that its front looks where the next one bends."""
    turn, axis = _pointed(parent, own, direction), unit(direction)

    def aside(vector: np.ndarray) -> np.ndarray:
        return vector - (vector * axis).sum(-1, keepdims=True) * axis

    front, wanted = aside(turn[..., 2]), aside(bent_to)
    sine = np.linalg.norm(wanted, axis=-1) / np.linalg.norm(bent_to, axis=-1).clip(1e-6)
    share = ((sine - BENT[0]) / (BENT[1] - BENT[0])).clip(0, 1)
    angle = np.arctan2((np.cross(front, wanted) * axis).sum(-1), (front * wanted).sum(-1))
    return _about(axis, share * angle.clip(-MOST, MOST)) @ turn


def _foot(calf: np.ndarray, thigh: np.ndarray, height: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """A foot whose ankle is at some height (T,), of those (T, 2) of both: flat on the floor, or hanging."""
    level = np.array([1.0, 0.0, 1.0])
    ahead = (calf[..., 2] + 0.5 * thigh[..., 2]) * level + 1e-3 * level
    up = np.broadcast_to([0.0, 1.0, 0.0], ahead.shape)
    above = height - np.quantile(heights, 0.1)
    share = ((above - FLAT[0]) / (FLAT[1] - FLAT[0])).clip(0, 1)
    return _between(_axes(np.cross(up, ahead), up), calf, share[:, None, None])
