// The worker's side of the device: the bridge to the page, the user's store, the device area, HTTP.
// python-worker.js imports this first, before it loads Pyodide, and awaits `self.deviceReady(pyodide)` before main.py.
// Python reaches everything as `js.device`; structured values cross as JSON text, bytes as Uint8Array.
import { dataSyncIsWired } from "./durable-sync.js";
import { area } from "./device-area.js";
import { abortRequest, abortRequests, request } from "./device-net.js";
import { shrinkPicture } from "./device-pictures.js";
import { StoreKeeper } from "./device-store.js";

const PORT_TIMEOUT_MS = 10_000;
const EVENTS_KEPT_MAX = 200;

const waiting = new Map();
const events = [];
let port = null, lastId = 0, listener = null, keeper = null, portArrived;
const portReady = new Promise((resolve) => { portArrived = resolve; });

// The page's first message brings the port. It must not reach Flet's own message loop, which takes all others.
self.addEventListener("message", function take(event) {
  if (!event.data || event.data.caravan !== "port") return;
  event.stopImmediatePropagation();
  self.removeEventListener("message", take);
  port = event.ports[0];
  port.onmessage = ({ data }) => (data.id === undefined ? deliver(data.event) : settle(data));
  portArrived();
});

function settle({ id, value, error }) {
  const { resolve, reject } = waiting.get(id);
  waiting.delete(id);
  if (error) reject(Object.assign(new Error(error.message), { name: error.name }));
  else resolve(value);
}

/** Events wait here until Python listens; of a flood the newest are kept. */
function deliver(event) {
  if (listener) {
    listener(JSON.stringify(event));
    return;
  }
  events.push(event);
  if (events.length > EVENTS_KEPT_MAX) events.shift();
}

async function callPage(name, args, transfer = []) {
  await portReady;
  const id = ++lastId;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    port.postMessage({ id, name, args }, transfer);
  });
}

function within(promise, ms, message) {
  return Promise.race([promise, new Promise((_, reject) => setTimeout(() => reject(new Error(message)), ms))]);
}

/** Whether this browser really gives a synchronous file here; private windows may have the names and refuse the thing. */
async function probeStorage() {
  if (!self.navigator.locks || typeof BroadcastChannel !== "function") return "locks";
  if (!navigator.storage || !navigator.storage.getDirectory) return "opfs";
  if (!("createSyncAccessHandle" in (self.FileSystemFileHandle || function () {}).prototype)) return "opfs";
  const name = `probe-${crypto.randomUUID()}`;
  try {
    const root = await navigator.storage.getDirectory();
    const file = await root.getFileHandle(name, { create: true });
    const handle = await file.createSyncAccessHandle();
    const synchronous = typeof handle.getSize() === "number";
    await handle.close();
    await root.removeEntry(name);
    return synchronous ? null : "opfs";
  } catch (error) {
    console.error("no storage for a local database", error);
    return error.name === "QuotaExceededError" ? "full" : "storage";
  }
}

self.device = {
  /** Run a function of the page (see device-page.js): JSON array in, JSON text out. */
  call: async (name, argsJson) => JSON.stringify((await callPage(name, JSON.parse(argsJson))) ?? null),
  /** Offer bytes (Uint8Array; it is emptied) to the user as a download. */
  saveFile: (name, mime, bytes) => callPage("file.save", [name, mime, bytes], [bytes.buffer]),
  /** Let the person record a voice note (recorder.js): {status, bytes: Uint8Array, ...}. */
  recordVoice: (wordsJson, limitSeconds, dark) => callPage("voice.record", [JSON.parse(wordsJson), limitSeconds, dark]),
  /** Play a recording (Uint8Array; it is emptied), see player.js. */
  playSound: (key, mime, bytes) => callPage("sound.play", [key, mime, bytes], [bytes.buffer]),
  /** `callback(json)` gets every page event, those that came earlier first; null stops. */
  listen(callback) {
    listener = callback;
    while (listener && events.length > 0) listener(JSON.stringify(events.shift()));
  },
  mountUser: (userKey) => keeper.mountUser(userKey),
  unmountUser: (userKey) => keeper.unmountUser(userKey),
  takeOver: (userKey, timeoutMs) => keeper.takeOver(userKey, timeoutMs),
  /** `callback(userKey)`, async: close the connection; an error refuses to hand over. */
  onTakeOver(callback) { keeper.onTakeOver = callback; },
  area,
  request,
  abortRequest,
  abortRequests,
  shrinkPicture,
};

self.deviceReady = async (pyodide) => {
  await within(portReady, PORT_TIMEOUT_MS, "device-page.js must be loaded before the Python worker is made");
  const missing = await probeStorage();
  if (missing) {
    await callPage("unsupported.show", [missing]);
    throw new Error(`this browser cannot keep a local database: ${missing}`);
  }
  if (!dataSyncIsWired()) throw new Error("durable-sync.js must be imported before Pyodide is loaded");
  keeper = new StoreKeeper(pyodide.FS, abortRequests);
};
