"""What the app watches and waits for, apart from any widget."""
