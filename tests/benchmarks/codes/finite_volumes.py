"""SciPy: finite volumes of a film on a half-space, whose kernel is a convolution by FFT.

A quarter of the film in equal cells, potential at their centres. The temperature is T = S b with
the heat b = Joule + g div grad T of each cell and Love's integral S of a rectangle at all centres.
"""

import numpy as np
import scipy
import scipy.sparse as sp
from scipy.fft import irfft2, rfft2
from scipy.sparse.linalg import LinearOperator, gmres, splu

from codes.drivers import falling

NAME, VERSION = "SciPy", scipy.__version__


def love(x, y):
    """Integral of 1/(2 pi r) over a corner at (x, y)."""
    return (x * np.arcsinh(y / np.abs(x)) + y * np.arcsinh(x / np.abs(y))) / (2 * np.pi)


class Film:
    """Film of length 1 and width 2, so many cells along its length; the last state is a guess."""

    def __init__(self, cells: int = 80, g: float = 0.02) -> None:
        self.h, self.g, (self.law, self.slope) = 1 / cells, g, falling(0.1)
        self.nx, self.ny = cells // 2, cells
        n, self.shape = self.nx * self.ny, (self.nx, self.ny)
        number = np.arange(n).reshape(self.shape)
        one = lambda a, b: sp.csr_matrix(  # noqa: E731
            (np.r_[-np.ones(a.size), np.ones(a.size)],
             (np.r_[np.arange(a.size), np.arange(a.size)], np.r_[a.ravel(), b.ravel()])),
            (a.size, n),
        )  # fmt: skip
        self.inner = sp.vstack(
            (one(number[:-1], number[1:]), one(number[:, :-1], number[:, 1:]))
        ).tocsr()
        self.first, self.last = number[0], number[-1]  # at the mirror (phi = 0) and the contact
        laplacian = -(self.inner.T @ self.inner) / self.h**2
        offsets = [np.r_[0 : 2 * m, -2 * m : 0] for m in self.shape]
        edges = [np.abs(o)[:, None] * self.h + np.array([-0.5, 0.5]) * self.h for o in offsets]
        kernel = sum(
            s * t * love(edges[0][:, i][:, None], edges[1][:, j][None])
            for i, s in ((0, -1), (1, 1)) for j, t in ((0, -1), (1, 1))
        )  # fmt: skip
        self.kernel = rfft2(kernel)
        self.laplacian, self.T, self.V = laplacian.tocsr(), np.zeros(n), 1e-3

    def rise(self, heat):
        """Temperature for a heat per area of the quarter and its mirror images."""
        quarter = heat.reshape(self.shape)
        half = np.concatenate((quarter[::-1], quarter))
        whole = np.concatenate((half[:, ::-1], half), axis=1)
        padded = [2 * side for side in whole.shape]
        found = irfft2(rfft2(whole, padded) * self.kernel, padded)
        return found[self.nx : 2 * self.nx, self.ny : 2 * self.ny].ravel()

    def middle(self) -> float:
        """Temperature of the cell beside the centre."""
        return float(self.T[0])

    def conduct(self, T):
        """Potential for 1 V, heat per area, its change with T, and the current."""
        sigma, D = self.law(T), self.inner
        ends = 0.5 * np.abs(D)
        face = 1 / (ends @ (1 / sigma))
        by_T = lambda v: face**2 * (ends @ (self.slope(T) / sigma**2 * v))  # noqa: E731
        at = np.zeros(T.size), np.zeros(T.size)
        at[0][self.first], at[1][self.last] = 2.0, 2.0
        matrix = D.T @ sp.diags(face) @ D + sp.diags(sigma * (at[0] + at[1]))
        solver = splu(matrix.tocsc())
        phi = solver.solve(at[1] * sigma * 0.5)
        drop = D @ phi
        outer = at[0] * phi**2 + at[1] * (0.5 - phi) ** 2

        def heat():
            return (0.5 * np.abs(D).T @ (face * drop**2) + sigma * outer) / self.h**2

        def change(v):
            d_face, d_sigma = by_T(v), self.slope(T) * v
            load = -(D.T @ (d_face * drop)) - d_sigma * (at[0] * phi - at[1] * (0.5 - phi))
            d_phi = solver.solve(load)
            faces = d_face * drop**2 + 2 * face * drop * (D @ d_phi)
            d_outer = 2 * sigma * (at[0] * phi - at[1] * (0.5 - phi)) * d_phi
            return (0.5 * np.abs(D).T @ faces + d_sigma * outer + d_outer) / self.h**2

        current = 2 * np.sum(sigma[self.first] * 2 * phi[self.first])
        return heat(), change, float(current)

    def solve(self, kind: str, value: float) -> tuple[float, float]:
        """Voltage and current with a voltage or the temperature of the middle given."""
        for _ in range(40):
            heat, change, _ = self.conduct(self.T)
            F = self.T - self.rise(self.V**2 * heat + self.g * (self.laplacian @ self.T))
            is_voltage = kind == "voltage"
            c = self.V - value if is_voltage else self.T[0] - value
            by_V = -self.rise(2 * self.V * heat)

            def product(z, change=change, by_V=by_V, is_voltage=is_voltage):
                v, w = z[:-1], z[-1]
                spread = self.V**2 * change(v) + self.g * (self.laplacian @ v)
                return np.append(v - self.rise(spread) + w * by_V, w if is_voltage else v[0])

            whole = LinearOperator((F.size + 1, F.size + 1), product)
            step, _ = gmres(whole, np.append(F, c), rtol=1e-8, restart=200, maxiter=3)
            self.T, self.V = self.T - step[:-1], self.V - step[-1]
            if np.abs(step).max() < 1e-9 * max(1.0, abs(self.V)):
                return float(self.V), self.V * self.conduct(self.T)[2]
        raise RuntimeError(f"no state with {kind} {value}")
