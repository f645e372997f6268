"""The sync engine, on ports: ``device`` runs in the app, ``authority`` on the server. Imports ``shared`` only."""
