"""
A sweep: one figure of many films
=================================

Needs ``mitmodels`` alone. Thickness and ambient of a film, each combination once, on a coarse mesh.
"""

# %%
# A file that is many
# -------------------
# ``[sweep]`` lists values of keys; two keys are all combinations. What is done already is not done
# again: the same call goes on after an interruption.

from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt
import xarray as xr

import mitmodels

folder = Path(mkdtemp())
(folder / "family.toml").write_text("""
base = "lsmo_iv"
mesh = { size = "5 um", edge_size = "3 um", cells_across = 3 }

[[protocol]]
step = "ramp"
to = "22 V"

[output]
figures = false
fields_at = { V_source = [] }

[sweep]
geometry.thickness = ["20 nm", "40 nm"]
ambient.temperature = ["80 K", "120 K"]
""")
sweep = mitmodels.sweep(folder / "family.toml", folder / "family", jobs=1)
sweep

# %%
# One dataset
# -----------
# Every key quantity over the axes of the sweep, with its unit:

found = xr.open_dataset(sweep.path / "sweep.nc")
found[["I_max", "V_at_I_max"]].to_dataframe()

# %%
# One figure
# ----------

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
for name in sweep.names:
    iv = mitmodels.load(sweep.path / name).iv
    left.plot(iv["V_source [V]"], 1e3 * iv["I [A]"], ".-", ms=4, label=name.replace(",", ", "))
left.set(xlabel="source voltage (V)", ylabel="current (mA)")
left.legend(fontsize="small")
for thickness, films in found.groupby("geometry.thickness"):
    ambient, largest = films["ambient.temperature"], 1e3 * films["I_max"].squeeze()
    right.plot(ambient, largest, "o-", label=f"{1e9 * thickness:.0f} nm")
right.set(xlabel="ambient temperature (K)", ylabel="largest current (mA)")
right.legend()
figure.show()

# %%
# One page of everything, which works offline: all curves, a slider through the points and their
# maps.

print(mitmodels.report(sweep.path).name)
