"""Passwords, second factor, tokens, sessions, rate limits, field encryption, audit chain."""
