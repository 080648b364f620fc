"""Shape of triangles."""

import dolfinx

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def qualities(mesh: dolfinx.mesh.Mesh) -> Array:
    r"""Return the quality of each triangle of this rank: 1 if equilateral, 0 if flat.

    .. math:: q = \frac{4\sqrt3\, A}{l_1^2 + l_2^2 + l_3^2}

    The area A is signed by the order of the vertices: a triangle that folds over changes sign.
    """
    corners = mesh.geometry.x[mesh.geometry.dofmaps[0], :2]
    edges = np.roll(corners, -1, axis=1) - corners
    u, v = edges[:, 0], edges[:, 1]
    doubled_area = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    quality: Array = 2 * np.sqrt(3) * doubled_area / np.sum(edges**2, axis=(1, 2))
    return quality
