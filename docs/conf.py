"""Sphinx: `make docs`."""

import os
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))


def _mathjax() -> str:
    """File of MathJax that needs no other and no network, from its locked package."""
    return str(Path(find_spec("mathjax").origin).parent / "static/mathjax/es5/tex-svg.js")


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
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "sphinxcontrib.bibtex",
    "api_links",
    "run_commands",
    "toml_keys",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = [
    "_build",
    "benchmark/tables",
    "notebooks",
    "outputs",
    "reference/api/modules.rst",
]
myst_enable_extensions = ["attrs_block", "colon_fence", "dollarmath"]
myst_heading_anchors = 3
bibtex_bibfiles = ["../cases/references.bib"]
bibtex_default_style = "plain"

apidoc_modules = [
    {
        "path": "../mitmodels",
        "destination": "reference/api",
        "follow_links": True,  # to meshes/ and solvers/
        "exclude_patterns": ["../mitmodels/cases/**"],
    }
]
sphinx_gallery_conf = {
    "examples_dirs": "notebooks",
    "gallery_dirs": "tutorials/notebooks",
    "filename_pattern": "/",
    "within_subsection_order": "ExampleTitleSortKey",
    "abort_on_example_error": True,
    # The outputs of these scripts are in the repository; the library may have changed meanwhile.
    "run_stale_examples": bool({"all", "notebooks"} & set(os.environ.get("DOCS_RUN", "").split())),
    "download_all_examples": False,
    "show_signature": False,
    "capture_repr": ("_repr_html_", "__repr__"),
}
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 88
mathjax3_config = {"tex": {"tags": "all"}}  # displayed equations have numbers
autodoc_preserve_defaults = True
numpydoc_show_class_members = False
suppress_warnings = ["config.cache"]

html_theme = "furo"
html_static_path = ["_static", _mathjax()]
html_css_files = ["site.css"]
mathjax_path = "tex-svg.js"
html_title = "mitmodels"
html_extra_path = ["../cases/config/mitmodels.schema.json"]
