"""Drive of a device: protocol, waveform, conditions that end a step."""
