"""Nodes in a plane and named parts: triangles, lines, points, as a file has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from mitmodels.errors import InputError
from mitmodels.meshes.mesh_arrays import Arrays
from mitmodels.meshes.mesh_checks import (
    Numbers,
    Points,
    are_among,
    check_joined,
    check_triangles,
    edges_of,
    refuse,
)

KINDS = {2: "region of triangles", 1: "boundary of lines", 0: "point"}


@dataclass(frozen=True, eq=False)
class NamedMesh:
    """Nodes in a plane and named parts.

    Attributes
    ----------
    points : ndarray, shape (n, 2)
        Coordinates in the unit of the file.
    parts : mapping
        Name -> numbers of the nodes, shape (k, dimension + 1).
    faults : mapping
        Name -> why that part cannot be used, a predicate of the file.
    """

    points: Points
    parts: Mapping[str, Numbers]
    faults: Mapping[str, str] = field(default_factory=dict)

    def dimension(self, name: str) -> int:
        """2 of a region, 1 of a boundary, 0 of points."""
        return int(self.parts[name].shape[1]) - 1

    def require(self, names: Mapping[str, int]) -> None:
        """Check that there are parts of some names and dimensions.

        Raises
        ------
        InputError
            If one is missing, is something else or has cells that are not read; a predicate of the
            file.
        """
        for name, dimension in names.items():
            if name in self.faults:
                raise InputError(self.faults[name])
            if name not in self.parts:
                known = ", ".join(sorted(self.parts)) or "nothing with a name"
                raise InputError(
                    f'has no {KINDS[dimension]} called "{name}": name one; it has {known}'
                )
            if self.dimension(name) != dimension:
                raise InputError(
                    f'has "{name}" as a {KINDS[self.dimension(name)]}: name a {KINDS[dimension]} so'
                )
            if dimension == 0 and len(self.parts[name]) > 1:
                raise InputError(
                    f'has {len(self.parts[name])} points called "{name}": name one of them so'
                )

    def pack(self, names: Sequence[str], unit: float) -> Arrays:
        """Return some of the parts, and the nodes they have, as `unpack_device` takes them.

        Parameters
        ----------
        names
            Of regions, which make the mesh, and of boundaries and points of theirs.
        unit
            Length of one unit of the coordinates [m].

        Raises
        ------
        InputError
            If two parts overlap, triangles are flat, lie on one another or do not share their
            nodes, or a boundary is not one of the regions; a predicate of the file.
        """
        regions = [name for name in names if self.dimension(name) == 2]
        triangles = np.concatenate([self.parts[name] for name in regions])
        used, flat = np.unique(triangles, return_inverse=True)
        x, cells = self.points[used], flat.reshape(-1, 3)
        arrays = {
            "x": x * unit,
            "cells": cells,
            "names": np.array(list(names)),
            "groups": np.array([(self.dimension(name), i) for i, name in enumerate(names, 1)]),
        }
        self._check_disjoint(regions)
        check_joined(x, check_triangles(x, cells))
        known = {2: triangles, 1: edges_of(triangles), 0: used[:, None]}
        for dimension in KINDS:
            own = [(i, n) for i, n in enumerate(names, 1) if self.dimension(n) == dimension]
            if not own:
                continue
            for _, name in own:
                self.refuse(
                    self.parts[name][~are_among(self.parts[name], known[dimension])],
                    f'has parts of "{name}" that belong to none of its regions, at {{}}: take them '
                    f"along edges of the mesh of {', '.join(regions)}",
                )
            if dimension < 2:
                self._check_disjoint([name for _, name in own])
            entities = np.concatenate([np.searchsorted(used, self.parts[n]) for _, n in own])
            arrays[f"entities_{dimension}"] = entities
            arrays[f"values_{dimension}"] = np.concatenate(
                [np.full(len(self.parts[name]), tag) for tag, name in own]
            )
        return arrays

    def refuse(self, wrong: Numbers, sentence: str) -> None:
        """Raise a sentence with the place of the first of some entities, if there are any."""
        refuse(self.points, wrong, sentence)

    def _check_disjoint(self, names: Sequence[str]) -> None:
        for name in names:
            rows = self.parts[name]
            first = np.unique(np.sort(rows, axis=1), axis=0, return_index=True)[1]
            twice = np.delete(rows, first, axis=0)
            sentence = f'has a part of "{name}" at {{}} that occurs twice: write it once'
            self.refuse(twice, sentence)
        for one, other in combinations(names, 2):
            rows = self.parts[one]
            sentence = f'has a part at {{}} that is "{one}" and "{other}": give it one of the names'
            self.refuse(rows[are_among(rows, self.parts[other])], sentence)
