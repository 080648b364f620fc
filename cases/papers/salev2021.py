"""Numbers of Salev et al. (2021): switching of LSMO films by a transverse insulating barrier."""

import numpy as np

from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.papers.quoted import matches, quoted
from mitmodels.film.barrier import AnalyticBarrier
from mitmodels.solvers.runs.files import Results
from mitmodels.solvers.runs.reading import Run

NAME = "Salev et al. 2021"

LENGTH = quoted(100e-6, "m", "SI 1")
WIDTH = quoted(50e-6, "m", "SI 1")
THICKNESS = quoted(20e-9, "m", "SI 1")
CURIE_TEMPERATURE = quoted(340.0, "K", "Fig. 1a; the strong nonlinearities disappear there")
AMBIENT = quoted(100.0, "K", "Fig. 2")
V_NUCLEATION = quoted(16.0, "V", "Fig. 2b, small jump of the current")
D_NUCLEATION = quoted(5e-6, "m", "Fig. 2b, barrier at 16 V")
V_FULL = quoted(48.0, "V", "Fig. 2b, barrier as long as the device")
V_RATIO = quoted(V_FULL / V_NUCLEATION, "", "Fig. 2b")
CELLS_NUCLEATION = quoted(D_NUCLEATION * 1e6, "", "Fig. 2b, in cells of 1 um of the network")
R_SWITCHED = quoted(5.5e3, "ohm", "text to Fig. 1b, whatever the temperature")
SWITCHING_VOLTAGE = "the switching voltage\nhas a maximum in between"  # SI 2, Fig. S2b
SWITCHING_POWER = "the switching power falls\nsteadily with the temperature"  # SI 2, Fig. S2b
NONLINEARITY = "no strong nonlinearity above"  # text to Fig. 1b
SPOT = quoted(5e-6, "m", "SI 3, laser")
T_EQUILIBRIUM = quoted(400.0, "K", "SI 4, hottest map")
V_UNIFORM = quoted(15.0, "V", "Fig. 2b, uniformly ferromagnetic below")
V_LOOPS = quoted(24.0, "V", "Fig. 2c")
CURVES = quoted(15, "", "SI 2, 60 to 340 K in steps of 20 K")
LAMBDA = 1.2e-4  # SI 6, Eq. 6.1
# Analytic barrier of the base case.
RHO_METAL = 2e-6  # [ohm m], printed as ohm cm
BARRIER = AnalyticBarrier(
    resistivity_metal=RHO_METAL,
    resistivity_ratio=20.0,
    length=LENGTH,
    thickness=THICKNESS,
    loss_substrate=5e6,
    loss_film=3e8,
    T_c=CURIE_TEMPERATURE,
    T_0=AMBIENT,
)
D_THRESHOLD = quoted(2.2e-6, "m", "SI 5, Eq. 5.7")
V_THRESHOLD = quoted(15.4, "V", "SI 5, Eq. 5.8")

DEVICE = {
    ("geometry", "length"): LENGTH,
    ("geometry", "width"): WIDTH,
    ("geometry", "thickness"): THICKNESS,
    ("film", "barrier_temperature"): CURIE_TEMPERATURE,
}
COLD = {**DEVICE, ("ambient", "temperature"): AMBIENT, ("circuit", "load"): 0.0}
_READ_AT = {"d_at_20V": 20.0, "d_at_30V": 30.0}  # [V] within the quoted range of Fig. 2b


def voltages(run: Run) -> dict[str, Quantity]:
    """Return the quoted source voltages by what happens there; empty for any other run."""
    if not matches(run, COLD):
        return {}
    return {"barrier nucleates": V_NUCLEATION, "whole device": V_FULL}


def barrier_widths(run: Run) -> tuple[tuple[Quantity, Quantity], ...]:
    """Return the quoted pairs of source voltage and barrier width, as `voltages` does."""
    return ((V_NUCLEATION, D_NUCLEATION), (V_FULL, LENGTH)) if matches(run, COLD) else ()


def results(run: Run) -> Results:
    """Return the widths of the barrier at 20 and 30 V of the source, where the branch has one.

    Read off ``iv.csv`` of a steady film by monotone cubic interpolation along the last stable
    part of the branch: within 3e-4 of the width, and exact where the voltage is a row of the table,
    as with ``read_at = ["20 V", "30 V"]``.
    """
    from scipy.interpolate import PchipInterpolator  # only here: it takes longer than the rest

    iv = run.iv
    unstable = np.flatnonzero(~iv["stable"].to_numpy(dtype=bool))
    end = iv.iloc[unstable[-1] + 1 if len(unstable) else 0 :]
    V, d = end["V_source [V]"].to_numpy(), end["barrier_width [m]"].to_numpy()
    rising = np.concatenate([[True], np.diff(V) > 0])
    width = PchipInterpolator(V[rising], d[rising], extrapolate=False)
    found = {name: float(width(voltage)) for name, voltage in _READ_AT.items()}
    return {name: (d if d > 0 else None, "m") for name, d in found.items()}
