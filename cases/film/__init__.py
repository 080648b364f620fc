"""Films: steady branch, transient, comparisons."""
