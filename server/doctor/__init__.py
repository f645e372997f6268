"""``caravan doctor``: is what is stored right, and what can be derived again. Reads one snapshot, beside a running
server, and changes nothing unless it is asked to repair."""
