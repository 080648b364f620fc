"""Sphinx: `make docs`."""

import sys
from importlib import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "mitmodels"
author = "the mitmodels developers"
copyright = author
release = version = metadata.version("mitmodels")

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.apidoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.githubpages",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
    "sphinxcontrib.bibtex",
    "run_commands",
    "toml_keys",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build", "reference/api/*/modules.rst"]
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "plain"

apidoc_modules = [
    {"path": f"../{package}", "destination": f"reference/api/{package}"}
    for package in ("mitmodels", "meshes", "solvers")
]
autodoc_typehints = "none"  # numpydoc's sections say it
autodoc_preserve_defaults = True
numpydoc_show_class_members = False
suppress_warnings = ["config.cache"]

html_theme = "furo"
html_title = "mitmodels"
html_extra_path = ["mitmodels.schema.json"]
