"""The examples of the docstrings give what they say."""

import doctest
import importlib
import pkgutil

import pytest

import mitmodels

pytestmark = pytest.mark.serial


def test_examples_of_the_docstrings():
    modules = pkgutil.walk_packages(mitmodels.__path__, "mitmodels.")
    names = [found.name for found in modules if not found.name.endswith("__main__")]
    results = [doctest.testmod(importlib.import_module(name)) for name in names]
    assert sum(result.attempted for result in results) >= 8
    assert sum(result.failed for result in results) == 0
