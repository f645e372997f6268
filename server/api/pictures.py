"""Product pictures under ``/pictures/``: the web app's file handler over another folder, without app routes."""

from pathlib import Path

from server.api.static import File, StaticSite, _scan


class Pictures(StaticSite):
    """ASGI application that serves the folder ``root``, read once when it is made; an empty folder is fine."""

    def __init__(self, root: Path) -> None:
        self.files = {file.name: file for file in _scan(root)}

    def find(self, path: str) -> File | None:
        """The file of that name."""
        return self.files.get(path)
