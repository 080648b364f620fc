"""Physics of a metal-insulator-transition film."""
