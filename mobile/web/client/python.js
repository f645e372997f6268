// The page's side of Python: replaces Flet's own python.js, whose three functions the Dart client calls.
// The worker is created while Flutter is still loading; what it says before jsConnect is kept and handed over then.
(() => {
  // Flet's frames: byte 0 is the kind (0: protocol), then MessagePack's [action, body]. The first patch is the first screen.
  const PROTOCOL_FRAME = 0, PATCH_CONTROL = 2;
  const REFUSED = "caravan.snapshot-refused", ARRIVED = "snapshot-arrived";
  const RESTORE_TIMEOUT_MS = 60_000;
  const apps = new Map();

  /** Whether to put back the build's memory snapshot in place of starting Python from its byte code. */
  function restoring() {
    // Made with a recent V8: other engines fill their function tables differently. sw.js asks the same question.
    if (!flet.snapshot || typeof Intl.v8BreakIterator === "undefined" || !("Suspending" in WebAssembly)) return false;
    return window.caravanKept.get(REFUSED) !== flet.snapshot;
  }

  function startWorker() {
    const app = { worker: null, deliver: null, waiting: [], drawn: false };
    app.ready = new Promise((resolve, reject) => begin(app, restoring(), resolve, reject));
    app.ready.catch((error) => { console.error(error.message); window.caravanSkeleton?.failed(); });
    return app;
  }

  function begin(app, restore, resolve, reject) {
    const options = { type: "module", name: restore ? "snapshot" : "python" };
    document.documentElement.dataset.python = options.name;   // how it was started, for whoever looks
    const worker = app.worker = new Worker(flet.entrypointBaseUrl + "python-worker.js", options);
    let initialized = false, patience;
    const afresh = (reason) => {
      clearTimeout(patience);
      worker.onmessage = worker.onerror = null;
      worker.terminate();
      if (window.caravanUnsupported) return;
      console.info("Python starts without its snapshot: " + reason);
      // Refused means that memory and engine do not fit: not tried again with this version.
      if (reason === "snapshot-refused") window.caravanKept.set(REFUSED, flet.snapshot);
      if (initialized) window.location.reload();   // Python has died while the app was running
      else begin(app, false, resolve, reject);
    };
    worker.onmessage = ({ data }) => {
      if (typeof data !== "string") {
        if (app.deliver) hand(app, data); else app.waiting.push(data);
      } else if (data === "initialized") {
        clearTimeout(patience);
        initialized = true;
        resolve();
      } else if (data === ARRIVED) {
        // Not sooner: a download over a slow line would be thrown away, and another one begun, at every start.
        patience = setTimeout(() => afresh("it took too long"), RESTORE_TIMEOUT_MS);
      } else if (restore) {
        afresh(data);
      } else {
        reject(new Error(data));
      }
    };
    worker.onerror = (event) => {
      if (initialized) return;   // an error in the running app: it has its own log
      const message = event.message || "the Python worker could not be loaded";
      if (restore) afresh(message); else reject(new Error(message));
    };
    worker.postMessage({ documentUrl: document.URL, base: flet.entrypointBaseUrl, module: flet.pythonModuleName });
  }

  function hand(app, data) {
    const isScreen = data[0] === PROTOCOL_FRAME && data[2] === PATCH_CONTROL;
    app.deliver(data);
    if (!app.drawn && isScreen) {
      app.drawn = true;
      app.worker.postMessage("drawn");
      window.caravanSkeleton?.drawn();
    }
  }

  // support.js marks a browser that cannot run the app; then nothing heavy is started.
  let early = window.caravanUnsupported ? null : startWorker();

  globalThis.jsConnect = async (appId, args, dartOnMessage) => {
    const app = early || startWorker();
    early = null;
    apps.set(appId, app);
    app.deliver = dartOnMessage;
    for (const data of app.waiting.splice(0)) hand(app, data);
    await app.ready;
  };

  globalThis.jsSend = async (appId, data) => {
    // The sender does not touch the bytes after this call, so their buffer is moved and not copied.
    apps.get(appId)?.worker.postMessage(data, [data.buffer]);
  };

  globalThis.jsDisconnect = async (appId) => {
    const app = apps.get(appId);
    apps.delete(appId);
    if (app) { app.worker.onmessage = null; app.worker.onerror = null; app.worker.terminate(); }
  };
})();
