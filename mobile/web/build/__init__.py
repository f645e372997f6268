"""The build of the installable web app, from pip packages alone: no Flutter SDK, no CDN.

``python -m mobile.web.build --out DIR [--base-path /]`` makes a folder that any static server can serve;
``server/api/static.py`` serves it with the right headers. The steps, each in a file of its own:

1. ``stage``     lays out ``main.py``, ``mobile/``, ``sync/``, ``shared/`` (``flet build`` uses the same layout)
2. ``wheels``    installs the locked packages for Pyodide's platform
3. ``bytecode``  compiles all of it with Pyodide's own CPython, when a Node is at hand
4. ``pack``      puts app and packages into one file
5. ``client``    copies Flet's prebuilt client, takes out what no browser asks for, and puts our page in its place
6. ``fonts``     the base face, and the 101 slices that Flutter looks for
7. ``snapshot``  writes down the memory of the started Python, when a Node is at hand
8. ``precache``  the service worker with this version's list of files and hashes
9. ``compress``  ``.gz`` (and ``.br``, when there is a brotli) beside what is worth it
"""
