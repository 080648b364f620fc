"""Compact models of finished runs for circuit simulators, and how well they do in ngspice."""
