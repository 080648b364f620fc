"""
A metallization cell: read, change, sweep, plot
===============================================

Needs ``mitmodels`` alone. A compliance of 100 nA instead of 1 mA ends the growth early: a run
takes seconds.
"""

# %%
# A run
# -----
# ``new`` copies a shipped file; ``run`` is ``mitmodels run`` and returns the run folder.
# Any key of the file may be overridden.

from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import mitmodels

folder = Path(mkdtemp())
SHORT = ("circuit.compliance=100 nA", "output.figures=false")

mitmodels.new("ecm_set", folder / "cell.toml")
mitmodels.run(folder / "cell.toml", folder / "shipped", overrides=SHORT)

# %%
# Read it
# -------
# ``load`` opens a run folder, also days later: tables are data frames, key figures have value and
# unit.

cell = mitmodels.load(folder / "shipped")
pd.DataFrame(cell.summary).T.loc[["t_onset", "t_void", "t_compliance", "T_max", "gap_final"]]

# %%
# Current and gap while the source rises by 1 V/s:

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
visible = cell.iv[cell.iv["I [A]"] > 1e-12]
left.semilogy(visible["V_source [V]"], visible["I [A]"])
left.set(xlabel="source voltage (V)", ylabel="current (A)")
right.plot(cell.iv["t [s]"], 1e9 * cell.iv["gap [m]"])
right.set(xlabel="time (s)", ylabel="smallest gap (nm)")
figure.show()

# %%
# Outlines belong to the rows of ``iv.csv``: nodes (r, z) one after the other, in metres. Here at
# five heights of the tip.


def read_outlines(run):
    """Return the nodes of every outline [nm]."""
    with np.load(run.path / "outlines.npz") as file:
        return np.split(1e9 * file["points"], np.cumsum(file["nodes"])[:-1])


outlines = read_outlines(cell)
heights = 1e9 * cell.iv["tip_height [m]"].to_numpy()
figure, axes = plt.subplots(figsize=(4.5, 3.5), layout="constrained")
for height in (2, 4, 6, 8, 10):
    row = int(np.argmax(heights >= height))
    axes.plot(*outlines[row].T, label=f"{cell.iv['t [s]'][row]:.3f} s")
axes.set(xlabel="radius (nm)", ylabel="height (nm)", aspect="equal")
axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
figure.show()

# %%
# Change a parameter
# ------------------
# At 350 K the ions are faster, and everything happens at a smaller voltage:

hot = (*SHORT, "heat.ambient=350 K")
warm = mitmodels.run(folder / "cell.toml", folder / "350K", overrides=hot)
for one in (cell, warm):
    print(f"{one.path.name}: growth is visible at {one.summary['t_onset']['value']:.3f} s")

# %%
# Sweep three values
# ------------------
# A file with a ``[sweep]`` is one run per value; ``sweep`` also does what an earlier one left
# undone. Its table has one row per run.

text = (folder / "cell.toml").read_text()
family = folder / "family.toml"
family.write_text(f'{text}\n[sweep]\ncircuit.compliance = ["1 nA", "30 nA", "1 uA"]\n')
swept = mitmodels.sweep(family, folder / "family", overrides=["output.figures=false"])
table = pd.read_csv(swept.path / "sweep.csv")
table[["circuit.compliance [A]", "R_LRS [ohm]", "gap_final [m]", "T_max [K]"]]

# %%
# Plot
# ----
# The larger the compliance, the smaller gap and resistance.

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
left.loglog(table["circuit.compliance [A]"], table["R_LRS [ohm]"], "o-")
left.set(xlabel="compliance (A)", ylabel="resistance (ohm)")
for name in swept.names:
    last = read_outlines(mitmodels.load(swept.path / name))[-1]
    right.plot(*last.T, label=name.partition("=")[2])
right.set(xlabel="radius (nm)", ylabel="height (nm)", aspect="equal")
right.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
figure.show()
