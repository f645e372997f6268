"""HTTP: one module per group of addresses."""
