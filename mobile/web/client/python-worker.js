// Python's own thread: replaces Flet's python-worker.js. Downloads run side by side; nothing is taken from another host.
import "./device-lib.js";     // first: it takes the page's first message and must see Pyodide's files being opened
import { unpack } from "./pack.js";

const fletJs = {};            // the module `flet_js` that flet's PyodideConnection imports
let userAppRunning = false;

const base = new URL("./", self.location.href).href;
const fetchBytes = async (path) => {
  const response = await fetch(base + path);
  if (!response.ok) throw new Error(path + ": HTTP " + response.status);
  return response.arrayBuffer();
};
const runtime = import(base + "pyodide/pyodide.mjs");
const pack = fetchBytes("app.pack");
pack.catch(() => {});         // reported where it is awaited

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

const PRINT_BRIDGE = `
import flet_js, msgpack

def send_python_output(text, is_error):
    # One Flet frame: type byte 0, then [action 7, body]; see flet/messaging/protocol.py.
    flet_js.receive_callback(bytes([0]) + msgpack.packb([7, {"text": text, "is_stderr": bool(is_error)}]))

flet_js.send_python_output = send_python_output
`;

const RUN = `
import runpy
try:
    runpy.run_module(app_module, run_name="__main__")
except SystemExit as leaving:
    if leaving.code not in (None, 0):
        raise
`;

async function start({ documentUrl, module }) {
  fletJs.documentUrl = documentUrl;
  const { loadPyodide } = await runtime;
  const pyodide = self.pyodide = await loadPyodide({
    stdout: (text) => print(text, false),
    stderr: (text) => print(text, true),
    fsInit: async (FS, { sitePackages }) => unpack(FS, await pack, sitePackages),
  });
  pyodide.registerJsModule("flet_js", fletJs);
  pyodide.runPython(PRINT_BRIDGE);
  // The OPFS layer has to be mounted before main.py opens the local store.
  if (typeof self.deviceReady === "function") await self.deviceReady(pyodide);
  userAppRunning = true;
  pyodide.globals.set("app_module", module);
  pyodide.runPython(RUN);
  if (typeof fletJs.start_connection !== "function") throw new Error("main.py ended without ft.run()");
  await fletJs.start_connection(receive);
  self.postMessage("initialized");
}

let started = false;
self.onmessage = ({ data }) => {
  if (!started) {
    started = true;
    start(data).catch((error) => { console.error(error.stack || error); self.postMessage(String(error)); });
  } else if (fletJs.send) {
    fletJs.send(data);
  } else {
    console.error("a message for a Python app that never started was dropped");
  }
};
