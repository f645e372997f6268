"""The HTTP floor: each module is one family of addresses; ``problems.py`` turns errors into answers."""
