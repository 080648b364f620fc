"""Resistor-network case."""
