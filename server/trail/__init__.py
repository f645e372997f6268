"""The audit trail of one record, and the state of the log's chain, for people who sign in."""
