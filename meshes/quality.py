"""Shape of triangles."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def qualities(x: Array, triangles: npt.NDArray[np.integer]) -> Array:
    r"""Return the quality of each triangle: 1 if equilateral, 0 if flat or a point.

    .. math:: q = \frac{4\sqrt3\, A}{l_1^2 + l_2^2 + l_3^2}

    The area A is signed by the order of the vertices: a triangle that folds over changes sign.

    Parameters
    ----------
    x : ndarray, shape (nodes, 2 or 3)
        Coordinates, of which the first two count.
    triangles : ndarray of int, shape (n, 3)
        Numbers of their vertices.
    """
    corners = x[triangles, :2]
    edges = np.roll(corners, -1, axis=1) - corners
    u, v = edges[:, 0], edges[:, 1]
    doubled_area = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    squares = np.sum(edges**2, axis=(1, 2))
    ratio = np.divide(doubled_area, squares, out=np.zeros_like(squares), where=squares > 0)
    quality: Array = 2 * np.sqrt(3) * ratio
    return quality
