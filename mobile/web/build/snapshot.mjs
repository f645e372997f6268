// node snapshot.mjs <site> <wanted.json> <target>: starts Python from the built site, imports the app, and writes its memory
// down; see snapshot.py. Runs with an empty environment: what it knows of this machine would travel to every device.
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [site, wantedFile, target] = process.argv.slice(2);
// A browser without these fills its function table in another way; python.js asks the same question.
if (!("Suspending" in WebAssembly)) throw new Error("this Node's engine is older than the browsers that take a snapshot");
const load = (name) => import(pathToFileURL(resolve(site, name)).href);
const [{ loadPyodide }, { default: createModule }, { unpack }, { tableMark, withLibraries, writeSnapshot }] = await Promise.all(
  ["pyodide/pyodide.mjs", "pyodide/pyodide.asm.mjs", "pack.js", "snapshot.js"].map(load));
const wanted = JSON.parse(readFileSync(wantedFile, "utf8"));
const file = readFileSync(resolve(site, "app.pack"));
const pack = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);

const fletJs = {};
let fill;
const filled = new Promise((done) => { fill = done; });
const plan = { libraries: wanted.libraries };
const python = await loadPyodide({
  _makeSnapshot: true,
  createPyodideModule: withLibraries(createModule, filled, plan),
  fsInit: async (FS, { sitePackages }) => { unpack(FS, pack, sitePackages); fill(); },
});
python.registerJsModule("flet_js", fletJs);
python.globals.set("wanted", python.toPy(wanted));
const elsewhere = python.runPython(`
import gc, sys
import caravan_start
elsewhere = caravan_start.preload(wanted["modules"], wanted["flet"])
del wanted
gc.collect()
gc.freeze()
", ".join(elsewhere)
`);
const module = python._module;
plan.handles = {};
for (const [handle, library] of Object.entries(module.LDSO.loadedLibsByHandle)) {
  if (Number(handle)) (plan.handles[library.name] ??= []).push(Number(handle));
}
const memory = python.makeMemorySnapshot({
  serializer: (object) => {
    if (object === fletJs) return "flet_js";
    throw new Error("the app holds a JavaScript object after its imports: " + String(object).slice(0, 200));
  },
});
plan.heap = module.HEAP8.length;
// What is read before the pack has come: the compiled libraries, and the module that is run.
const { FS } = module;
const root = "/lib/python3.14/site-packages";
const early = [...plan.libraries, ...FS.readdir(root).filter((name) => name.endsWith(".pyc")).map((name) => root + "/" + name)];
writeFileSync(target, writeSnapshot(plan, early.map((path) => [path, FS.readFile(path)]), memory));
console.log(JSON.stringify({ bytes: memory.length, elsewhere, table: tableMark(module.wasmTable).split(":")[0] }));
process.exit(0);
