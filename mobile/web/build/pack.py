"""Step 4: app and packages in one file, ``app.pack``, that the worker writes into Python's site-packages.

Format: length of the index (unsigned 32 bit, little endian), the index as JSON ``[[path, length], …]``, then the
bytes of the files in that order. The reader is ``mobile/web/client/pack.js``. Against a tar archive this saves the
unpacking: the reader hands out views of the one buffer.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path


def write_pack(target: Path, *folders: Path) -> int:
    """Write every file of ``folders`` (a later folder wins over an earlier one) to ``target``; return the number of
    files."""
    files: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                files[path.relative_to(folder).as_posix()] = path
    contents = {name: files[name].read_bytes() for name in sorted(files)}
    index = json.dumps(
        [[name, len(data)] for name, data in contents.items()], ensure_ascii=False, separators=(",", ":")
    ).encode()
    with target.open("wb") as out:
        out.write(struct.pack("<I", len(index)))
        out.write(index)
        out.writelines(contents.values())
    return len(contents)


def read_pack(source: Path) -> dict[str, bytes]:
    """Return the files of a pack by path. Raises ``ValueError`` when lengths do not add up."""
    data = source.read_bytes()
    (length,) = struct.unpack_from("<I", data)
    offset, files = 4 + length, {}
    for name, size in json.loads(data[4:offset]):
        files[name] = data[offset : offset + size]
        offset += size
    if offset != len(data):
        raise ValueError(f"{source.name} has {len(data)} bytes, its index says {offset}")
    return files
