// node run.mjs <pyodide.mjs> <project> <web packages> <test packages> <suites…>
// Runs pytest on CPython 3.14 as WebAssembly, the Python of the web app, in Node: once for each suite, and tells for each
// "<suite> ended with <pytest's status>".
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";

const [pyodidePath, project, webPackages, testPackages, ...suites] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(resolve(pyodidePath)).href);
const python = await loadPyodide();
for (const [place, folder] of [["/project", project], ["/web", webPackages], ["/tests", testPackages]]) {
  python.FS.mkdirTree(place);
  python.mountNodeFS(place, resolve(folder));
}
python.globals.set("suites", python.toPy(suites));
process.on("uncaughtException", (error) => { console.error(String(error.message ?? error).slice(-3000)); process.exit(3); });
await python.runPythonAsync(`
import os, sys
os.chdir("/project")
sys.dont_write_bytecode = True
# The app's own packages first: those beside the tests hold compiled parts for another Python.
sys.path[:0] = ["/project", "/web"]
sys.path.append("/tests")
import pytest
for suite in suites:
    options = ["-p", "no:cacheprovider", "-p", "no:faulthandler", "--confcutdir", "/project/" + suite, "-q"]
    print(f"{suite} ended with {int(pytest.main([*options, suite]))}", flush=True)
`);
