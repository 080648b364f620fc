"""Gmsh geometries and the Device: mesh, named regions and boundaries, weighted measures."""

import mitmodels.meshes.runtime  # noqa: F401
