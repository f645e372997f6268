"""The device half: outbox, exchange, rebase, inbox."""
