"""
A fit: numbers of a film from measured voltages
===============================================

Needs ``mitmodels`` alone. Two measured voltages determine how well the substrate conducts.
"""

# %%
# Measurement and fit
# -------------------
# Key figures are a table with units and errors. The fit names the case that is solved, what differs
# from its file, and the parameter with its bounds.

from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt
import pandas as pd

import mitmodels

folder = Path(mkdtemp())
(folder / "measured.csv").write_text("quantity,value,error\nV_up,20 V,0.5 V\nV_down,19 V,0.5 V\n")
mitmodels.new("lsmo_iv", folder / "film.toml")
(folder / "fit.toml").write_text("""
case = "lsmo_fit"

[[experiment]]
name = "mine"
file = "film.toml"
overrides = [
    "mesh.size=5 um",
    "mesh.edge_size=3 um",
    "mesh.cells_across=4",
    "protocol.0.to=30 V",
    "output.fields_at.V_source=[]",
]
figures = { file = "measured.csv" }

[[parameter]]
key = "substrate.conductivity"
min = "4 W/(m K)"
max = "16 W/(m K)"
""")
fit = mitmodels.fit(folder / "fit.toml", folder / "fit")

# %%
# What was found
# --------------
# Every evaluation is a row of ``evaluations.csv``; the case with the fitted value is ready to run.

fit.table("evaluations")

# %%

pd.DataFrame(fit.table("key_figures"))

# %%
# The way to the fitted value:

evaluations = fit.table("evaluations")
figure, axes = plt.subplots(figsize=(5, 3.5), layout="constrained")
axes.plot(evaluations["substrate.conductivity [W/(m K)]"], "o-")
axes.set(xlabel="evaluation", ylabel="conductivity of the substrate (W/(m K))")
figure.show()

# %%
# The same film with it, in full:

print(mitmodels.check(folder / "fit" / "fitted-mine.toml")["unknowns"])
