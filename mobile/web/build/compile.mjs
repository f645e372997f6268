// node compile.mjs <pyodide.mjs> tree|zip <source> <target>: byte code by the CPython inside Pyodide; see bytecode.py.
import { pathToFileURL } from "node:url";
import { dirname, basename, resolve } from "node:path";
import { mkdirSync } from "node:fs";

const [pyodidePath, kind, source, target] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(resolve(pyodidePath)).href);
const python = await loadPyodide();
const mount = (folder, place) => { mkdirSync(folder, { recursive: true }); python.FS.mkdirTree(place); python.mountNodeFS(place, folder); };
mount(dirname(resolve(source)), "/source");
mount(dirname(resolve(target)), "/target");
python.globals.set("kind", kind);
python.globals.set("source", "/source/" + basename(source));
python.globals.set("target", "/target/" + basename(target));
python.runPython(`
import importlib.util, os, shutil, zipfile
from importlib._bootstrap_external import _code_to_hash_pyc

# Where the files will stand in the browser: tracebacks name these paths.
SITE_PACKAGES = "/lib/python3.14/site-packages/"
STDLIB = "/lib/python314.zip/"

def compiled(data, name):
    # Unchecked hash: there is no source beside it to compare with. Level 0 keeps asserts and docstrings.
    code = compile(data, name, "exec", dont_inherit=True, optimize=0)
    return bytes(_code_to_hash_pyc(code, importlib.util.source_hash(data), False))

def tree(source, target):
    for folder, _, names in os.walk(source):
        for name in names:
            path = os.path.join(folder, name)
            place = os.path.relpath(path, source)
            goal = os.path.join(target, place)
            os.makedirs(os.path.dirname(goal), exist_ok=True)
            if not name.endswith(".py"):
                shutil.copyfile(path, goal)
                continue
            with open(path, "rb") as file:
                data = file.read()
            with open(goal + "c", "wb") as file:
                file.write(compiled(data, SITE_PACKAGES + place))

def archive(source, target):
    # Stored and not deflated: importing then costs no inflating, and on the wire the server's encoding does it better.
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as new:
        for item in old.infolist():
            if item.is_dir():
                continue
            data, name = old.read(item.filename), item.filename
            if name.endswith(".py"):
                data, name = compiled(data, STDLIB + name), name + "c"
            new.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data)

{"tree": tree, "zip": archive}[kind](source, target)
`);
