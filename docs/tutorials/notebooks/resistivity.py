"""
A film of one's own: a measured resistivity as the law
======================================================

Needs ``mitmodels`` alone. R(T) of a cryostat takes the place of the shipped law; the mesh is
coarse, so that a run takes seconds.
"""

# %%
# What was measured
# -----------------
# Two columns with their units. Here they are made up: a metal below 330 K that turns into a bad
# one.

from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import mitmodels

folder = Path(mkdtemp())
T = np.linspace(80, 420, 60)
hot = 1 / (1 + np.exp(-(T - 330) / 12))
resistivity = (1 - hot) * (2e-6 + 6e-11 * T**2) + hot * 4e-5
table = pd.DataFrame({"T [K]": T, "resistivity [ohm m]": resistivity})
table.to_csv(folder / "rho.csv", index=False)

# %%
# A file on the base of a shipped one
# -----------------------------------
# What differs from ``lsmo_iv``. Beyond the last point of the table its value holds; what is read
# there is marked in the summary.

(folder / "mine.toml").write_text("""
base = "lsmo_iv"

[film]
law = "table"
file = "rho.csv"
beyond = "hold"
thermal_conductivity = "2 W/(m K)"
barrier_temperature = "330 K"

[geometry]
thickness = "30 nm"

[mesh]
size = "2 um"
edge_size = "1 um"
cells_across = 6

[[protocol]]
step = "ramp"
to = "30 V"

[output]
fields_at = { V_source = [] }
""")
pd.Series(mitmodels.check(folder / "mine.toml"))

# %%
# Run it
# ------
# What a cell ends with is shown: key quantities and the I-V curve.

run = mitmodels.run(folder / "mine.toml", folder / "run")
run

# %%
# Where is it hot?
# ----------------
# ``profile`` reads the stored temperature along the mid-line.

profile = pd.read_csv(mitmodels.profile(run.path))
figure, axes = plt.subplots(figsize=(5, 3.5), layout="constrained")
for name, state in profile.groupby("state", sort=False):
    axes.plot(1e6 * state["x [m]"], state["temperature [K]"], label=name)
axes.set(xlabel="position along the current (um)", ylabel="temperature (K)")
axes.legend()
figure.show()
