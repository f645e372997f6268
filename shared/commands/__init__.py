"""Named commands: typed intentions with a pure ``apply`` that runs on both sides.

``execute(tx, work)`` runs a transaction's commands in order inside one ``Work``; any ``CaravanError`` means that
nothing of it happened. The intention travels, never its result.
"""

from shared.commands.registry import execute

__all__ = ["execute"]
