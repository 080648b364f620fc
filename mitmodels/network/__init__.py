"""Resistor network of a film."""
