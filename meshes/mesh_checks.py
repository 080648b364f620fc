"""Checks of triangles that somebody else made: they have areas, lie side by side, share nodes.

A refusal is a predicate of the file, with a place in the file's own coordinates and the remedy.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from mitmodels.errors import InputError
from mitmodels.meshes.quality import qualities

Points = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

_WITHOUT_AREA = 4e-9  # quality of a triangle
_HAIRLINE = 1e-3  # of an edge: what is nearer than that is meant to touch it
_ALONG = (0.1, 0.5, 0.9)  # where on an edge one looks
_BLOCK = 1000  # edges beside which one looks at once: the first fault ends the search
_MERGE = (
    "share the nodes of neighbours (in Gmsh occ.fragment before meshing, or "
    "removeDuplicateNodes), without overlap"
)


def edges_of(cells: Numbers) -> Numbers:
    """Pairs of nodes, in the order in which one comes to them around each triangle."""
    return cells[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)


def place(x: Points) -> str:
    """Centre of some points as it is written in a sentence."""
    return "({:g}, {:g})".format(*x.reshape(-1, 2).mean(axis=0))


def refuse(x: Points, wrong: Numbers, sentence: str) -> None:
    """Raise a sentence with the place of the first of some entities, if there are any.

    Raises
    ------
    InputError
        ``{}`` in the sentence is the place.
    """
    if len(wrong):
        raise InputError(sentence.replace("{}", place(x[wrong[0]])))


def are_among(entities: Numbers, known: Numbers) -> npt.NDArray[np.bool_]:
    """Which entities, whatever the order of their nodes, are among the known ones."""
    size = len(known)
    columns = np.sort(np.concatenate([known, entities]), axis=1).T
    numbers, nodes = columns[0], columns.max(initial=0) + 1
    for column in columns[1:]:  # of rows as such, NumPy finds the different ones ten times slower
        numbers = np.unique(numbers * nodes + column, return_inverse=True)[1]
    return np.isin(numbers[size:], numbers[:size])


def check_triangles(x: Points, cells: Numbers) -> Numbers:
    """Check that triangles have areas and lie side by side; return the edges of only one of them.

    Parameters
    ----------
    x : ndarray, shape (n, 2)
    cells : ndarray, shape (k, 3)

    Returns
    -------
    ndarray, shape (m, 2)
        From node to node with the triangle on the left.

    Raises
    ------
    InputError
        If a triangle is flat, or lies on its neighbour: DOLFINx expects that without a look and may
        end the process where it does not hold.
    """
    quality = qualities(x, cells)
    flat = cells[np.abs(quality) <= _WITHOUT_AREA]
    refuse(x, flat, "has a triangle without area at {}: mesh that part anew")
    ordered = np.where(quality[:, None] < 0, cells[:, ::-1], cells)  # anticlockwise
    edges = edges_of(ordered)
    forth, back = edges @ (len(x), 1), edges @ (1, len(x))
    _, first, counts = np.unique(forth, return_index=True, return_counts=True)
    doubled = edges[first[counts > 1]]
    refuse(x, doubled, f"has triangles that lie on one another at {{}}: {_MERGE}")
    return edges[~np.isin(forth, back)]


def check_joined(x: Points, outer: Numbers) -> None:
    """Check that nothing but the outer edges themselves parts the triangles of a mesh.

    Parameters
    ----------
    x : ndarray, shape (n, 2)
    outer : ndarray, shape (m, 2)
        As `check_triangles` returns them.

    Raises
    ------
    InputError
        If triangles touch in one point only, neighbours have nodes of their own along a common
        line, or parts of the mesh overlap.
    """
    nodes, counts = np.unique(outer, return_counts=True)
    pinched = "has parts that touch in one point only, {}: let them share an edge, or part them"
    refuse(x, nodes[counts > 2], pinched)
    edges = x[outer]
    for begin in range(0, len(outer), _BLOCK):
        for on, outside, inside in _beside(*np.swapaxes(edges[begin : begin + _BLOCK], 0, 1)):
            wrong = (_winding_numbers(outside, edges) != 0) | (_winding_numbers(inside, edges) != 1)
            sentence = f"is not joined along the edge at {{}}: {_MERGE}"
            refuse(on, np.flatnonzero(wrong), sentence)


def _beside(start: Points, stop: Points) -> Iterator[tuple[Points, Points, Points]]:
    """Points on edges, and those just right and just left of them."""
    along = stop - start
    across = _HAIRLINE * np.column_stack([along[:, 1], -along[:, 0]])
    for fraction in _ALONG:
        on = start + fraction * along
        yield on, on + across, on - across


def _winding_numbers(points: Points, edges: Points) -> Numbers:
    """How often closed chains of edges, shape (m, 2, 2), go anticlockwise around each point.

    Counted where they cross the line to the right of it. Edges of about one height are sorted, so
    that those that may cross follow one another.
    """
    found = np.zeros(len(points), dtype=np.int64)
    rise = edges[:, 1, 1] - edges[:, 0, 1]
    edges, rise = edges[rise != 0], rise[rise != 0]
    sizes = np.frexp(np.abs(rise))[1]  # |rise| < 2**size
    for size in np.unique(sizes):
        alike = edges[sizes == size]
        low = alike[:, :, 1].min(axis=1)
        alike, low = alike[low.argsort()], np.sort(low)
        first = np.searchsorted(low, points[:, 1] - 2.0**size)
        counts = np.searchsorted(low, points[:, 1], side="right") - first
        which = np.repeat(np.arange(len(points)), counts)
        edge = np.arange(len(which)) + np.repeat(first - np.cumsum(counts) + counts, counts)
        (px, py), (ax, ay), (bx, by) = points[which].T, alike[edge, 0].T, alike[edge, 1].T
        turn = (bx - ax) * (py - ay) - (px - ax) * (by - ay)
        way = np.where(by > ay, 1, -1)
        crosses = ((ay <= py) != (by <= py)) & (way * turn > 0)
        found += np.bincount(which, np.where(crosses, way, 0), len(points)).astype(np.int64)
    return found
