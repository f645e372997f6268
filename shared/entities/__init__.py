"""One file per family of entities; ``shared/catalog.py`` collects them."""
