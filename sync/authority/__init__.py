"""The deciding half: executor, outcomes, feed, integrity."""
