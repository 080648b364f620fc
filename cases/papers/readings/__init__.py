"""What runs say to the statements of each paper."""
