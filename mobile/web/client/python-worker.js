// Python's own thread: replaces Flet's python-worker.js. Downloads run side by side; nothing is taken from another host.
// Named "snapshot" it puts back the memory of a started Python (snapshot.js); any difference or error on the way is told
// to the page, which then makes another worker that starts Python from its byte code.
import "./device-lib.js";     // first: it takes the page's first message and must see Pyodide's files being opened
import { unpack } from "./pack.js";
import { readSnapshot, withLibraries } from "./snapshot.js";

const RESTORE = self.name === "snapshot";
const PACK = "app.pack", LIBRARY = "pyodide/python_stdlib.zip", SITE_PACKAGES = "/lib/python3.14/site-packages";
const FILES_LATER_MS = 1_000;
const fletJs = {};            // the module `flet_js` that flet's PyodideConnection imports
let userAppRunning = false, snapshotArrived = false;

const base = new URL("./", self.location.href).href;
const fetchBytes = async (path) => {
  const response = await fetch(base + path);
  if (!response.ok) throw new Error(path + ": HTTP " + response.status);
  return response.arrayBuffer();
};
const runtime = import(base + "pyodide/pyodide.mjs");
const engine = import(base + "pyodide/pyodide.asm.mjs");
const pack = RESTORE ? null : fetchBytes(PACK);
let snapshot = RESTORE ? fetchBytes("snapshot.bin") : null;
// The page's patience begins now: what a slow line takes does not count.
snapshot?.then(() => { snapshotArrived = true; self.postMessage("snapshot-arrived"); }, () => {});
for (const early of [engine, pack, snapshot]) early?.catch(() => {});   // reported where it is awaited

function print(text, isError) {
  if (!userAppRunning || !fletJs.send_python_output) {
    (isError ? console.error : console.log)(text);
    return;
  }
  // Pyodide calls its output hooks with Python's lock released: calling back at once would fail.
  queueMicrotask(() => fletJs.send_python_output(text, isError));
}

function receive(message) {
  const bytes = message.toJs();
  self.postMessage(bytes, [bytes.buffer]);
}
fletJs.receive_callback = receive;

async function startPython(options) {
  const { loadPyodide } = await runtime;
  return loadPyodide({
    stdout: (text) => print(text, false),
    stderr: (text) => print(text, true),
    ...options,
  });
}

/** Minutes from local time to UTC in winter and summer, and what the zone is called then. */
function timeZone() {
  const year = new Date().getFullYear();
  const days = [new Date(year, 0, 1), new Date(year, 6, 1)].sort((a, b) => b.getTimezoneOffset() - a.getTimezoneOffset());
  const name = (day) => {
    const parts = new Intl.DateTimeFormat("en", { timeZoneName: "short" }).formatToParts(day);
    return parts.find(({ type }) => type === "timeZoneName").value;
  };
  return [days[0].getTimezoneOffset(), days[1].getTimezoneOffset(), days.map(name)];
}

async function restorePython() {
  const [{ default: createModule }, file] = await Promise.all([engine, snapshot]);
  snapshot = null;   // not kept beside the memory that is made from it
  const { plan, files, memory } = readSnapshot(file);
  let filled;
  const pyodide = await startPython({
    createPyodideModule: withLibraries(createModule, new Promise((resolve) => { filled = resolve; }), plan),
    // The memory holds what is imported: standard library and pack come after the first screen.
    stdLibURL: base + "pyodide/empty.zip",
    fsInit: async (FS) => { writeFiles(FS, files); filled(); },
    _loadSnapshot: memory,
    _snapshotDeserializer: () => fletJs,   // the only object of ours that the maker lets in
  });
  delete pyodide._api.config._loadSnapshot;
  const [winter, summer, names] = timeZone();
  const support = pyodide.pyimport("caravan_start");
  support.refresh(navigator.language || "en", winter, summer, pyodide.toPy(names));
  const modules = files.map(([path]) => path.split("/").pop()).filter((name) => name.endsWith(".pyc"));
  support.expect_files(pyodide.toPy(modules.map((name) => name.slice(0, -4))), () => bringFiles(pyodide, download));
  support.check();
  pyodide._api.on_fatal = refuse;
  return pyodide;
}

function writeFiles(FS, files) {
  for (const [path, data] of files) {
    FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    FS.writeFile(path, data.slice(), { canOwn: true });
  }
}

/** Synchronous: an import waits for it. The service worker answers it too. */
function download(path) {
  const request = new XMLHttpRequest();
  request.open("GET", base + path, false);
  request.responseType = "arraybuffer";
  request.send();
  if (request.status !== 200) throw new Error(path + ": HTTP " + request.status);
  return request.response;
}

let filesAreThere = false, whenDrawn = () => {};

/** What a restored Python lacks: all files of the standard library and the packages. `get(path)` answers their bytes. */
function bringFiles(pyodide, get) {
  if (filesAreThere) return;
  const [library, files] = [get(LIBRARY), get(PACK)];
  pyodide.FS.writeFile("/lib/python314.zip", new Uint8Array(library), { canOwn: true });
  unpack(pyodide.FS, files, SITE_PACKAGES);
  filesAreThere = true;
  pyodide.pyimport("caravan_start").files_arrived();
}

async function bringFilesLater(pyodide) {
  await new Promise((resolve) => { whenDrawn = () => setTimeout(resolve, FILES_LATER_MS); });
  if (filesAreThere) return;
  const [library, files] = await Promise.all([LIBRARY, PACK].map(fetchBytes));
  bringFiles(pyodide, (path) => (path === PACK ? files : library));
}

const fillSitePackages = async (FS, { sitePackages }) => unpack(FS, await pack, sitePackages);

async function start({ documentUrl, module }) {
  fletJs.documentUrl = documentUrl;
  const pyodide = self.pyodide = RESTORE ? await restorePython() : await startPython({ fsInit: fillSitePackages });
  pyodide.registerJsModule("flet_js", fletJs);
  const app = pyodide.pyimport("caravan_start");
  app.connect();
  // The OPFS layer has to be mounted before main.py opens the local store.
  if (typeof self.deviceReady === "function") await self.deviceReady(pyodide);
  userAppRunning = true;
  app.run(module);
  if (typeof fletJs.start_connection !== "function") throw new Error("main.py ended without ft.run()");
  await fletJs.start_connection(receive);
  if (RESTORE) bringFilesLater(pyodide).catch((error) => console.warn("the rest of Python comes when it is needed", error));
  self.postMessage("initialized");
}

/** For python.js: this snapshot, or only its download, is what failed. */
function refuse(error) {
  console.warn("the snapshot could not be used", error);
  self.postMessage(snapshotArrived ? "snapshot-refused" : "snapshot-missing");
}

function fail(error) {
  console.error(error.stack || error);
  self.postMessage(String(error));
}

let started = false;
self.onmessage = ({ data }) => {
  if (!started) {
    started = true;
    start(data).catch(RESTORE ? refuse : fail);
  } else if (data === "drawn") {
    whenDrawn();
  } else if (fletJs.send) {
    fletJs.send(data);
  } else {
    console.error("a message for a Python app that never started was dropped");
  }
};
