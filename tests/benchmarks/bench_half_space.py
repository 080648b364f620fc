"""A product with the surface operator of the half-space, by `make bench`; no time is asserted."""

from scale_unknowns import BEFORE, job, shown

# Nodes of the plan: 12,000 of film and pads, and a million points of the grid.
_PLANS = (13_500, 100_000)
_COLUMNS = {
    "nodes": "nodes of film and pads",
    "points": "grid points",
    "set-up": "set-up, CPU [s]",
    "busy": "product, CPU [s]",
    "own": "of the operator [MiB]",
}


def test_surface_operator(tabulate, timed) -> None:
    """Products on one core, each in a job of its own, so that its memory is its own."""
    rows = [job("half-space", nodes) for nodes in _PLANS]
    for row in rows:
        timed(f"surface operator: a product with {row['points']:,} points", row["busy"])
    text = [[shown(row[name]) for name in _COLUMNS] for row in rows]
    note = (
        "Temperature of film and pads, the mesh of `lsmo_family.toml` refined, for the heat of a "
        f"film. {BEFORE} With 11,895 nodes of film and pads it took 0.47 s."
    )
    tabulate(
        "A product with the surface operator of the half-space", note, list(_COLUMNS.values()), text
    )
