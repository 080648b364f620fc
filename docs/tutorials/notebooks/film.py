"""
A film: read, change, sweep, plot
=================================

Needs ``mitmodels`` alone. The mesh is coarse, so that a run takes seconds.
"""

# %%
# A run
# -----
# ``new`` copies a shipped file; ``run`` is ``mitmodels run`` and returns the run folder.
# Any key of the file may be overridden.

from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt
import pandas as pd

import mitmodels

folder = Path(mkdtemp())
COARSE = ("mesh.size=2 um", "mesh.edge_size=1 um", "mesh.cells_across=6", "output.figures=false")

mitmodels.new("lsmo_iv", folder / "film.toml")
mitmodels.run(folder / "film.toml", folder / "100K", overrides=COARSE)

# %%
# Read it
# -------
# ``load`` opens a run folder, also days later: tables are data frames, key figures have value and
# unit.

cold = mitmodels.load(folder / "100K")
pd.DataFrame(cold.summary).T.loc[["V_up", "V_down", "hysteresis", "I_max", "d_nucleated"]]

# %%
# What happened, between the points of ``iv.csv``:

events = cold.events.query("event != 'rejected step'")
events[["event", "V_source [V]", "I [A]"]]

# %%
# The part of the branch that a source of voltage holds is ``stable``.

stable = cold.iv.where(cold.iv["stable"])
figure, axes = plt.subplots(figsize=(5, 3.5), layout="constrained")
axes.plot(cold.iv["V_source [V]"], 1e3 * cold.iv["I [A]"], ":", color="0.6", label="unstable")
axes.plot(stable["V_source [V]"], 1e3 * stable["I [A]"], ".-", ms=4, label="stable")
axes.set(xlabel="source voltage (V)", ylabel="current (mA)")
axes.legend()
figure.show()

# %%
# Change a parameter
# ------------------
# A substrate that conducts heat better needs more voltage:

change = (*COARSE, "substrate.conductivity=12 W/(m K)")
cooled = mitmodels.run(folder / "film.toml", folder / "cooled", overrides=change)
for film in (cold, cooled):
    print(f"{film.path.name}: barrier from {film.summary['V_up']['value']:.2f} V on")

# %%
# Sweep three values
# ------------------
# A file with a ``[sweep]`` is one run per value; ``sweep`` also does what an earlier one left
# undone. Its table has one row per run.

text = (folder / "film.toml").read_text()
family = folder / "family.toml"
family.write_text(f'{text}\n[sweep]\nambient.temperature = ["60 K", "100 K", "150 K"]\n')
swept = mitmodels.sweep(family, folder / "family", overrides=COARSE)
table = pd.read_csv(swept.path / "sweep.csv")
table[["ambient.temperature [K]", "V_up [V]", "V_down [V]", "I_max [A]"]]

# %%
# Plot
# ----
# The warmer the film, the less voltage it takes. From about 200 K on it switches without a jump,
# and ``V_up`` and ``V_down`` are missing.

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
for name in swept.names:
    iv = mitmodels.load(swept.path / name).iv
    left.plot(iv["V_source [V]"], 1e3 * iv["I [A]"], ".-", ms=4, label=name.partition("=")[2])
left.set(xlabel="source voltage (V)", ylabel="current (mA)")
left.legend()
right.plot(table["ambient.temperature [K]"], table["V_up [V]"], "o-", label="up")
right.plot(table["ambient.temperature [K]"], table["V_down [V]"], "s--", label="down")
right.set(xlabel="ambient temperature (K)", ylabel="voltage of the jump (V)")
right.legend()
figure.show()
