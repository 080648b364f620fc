"""Reference values of the benchmark problems, each by two methods; NumPy and SciPy alone."""
