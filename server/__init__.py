"""The server: Litestar over SQLAlchemy Core."""
