"""Pure functions of the business: no clock, no database, no randomness."""
