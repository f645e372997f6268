"""The local store: SQLite through sqlite-utils, with tables from the catalog, search and live queries."""
