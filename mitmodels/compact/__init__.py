"""Compact models: tables of a field solution as SPICE and Verilog-A text, without any mesh."""
