// The page's side of Python: replaces Flet's own python.js, whose three functions the Dart client calls.
// The worker is created while Flutter is still loading; what it says before jsConnect is kept and handed over then.
(() => {
  // Flet's frames: byte 0 is the kind (0: protocol), then MessagePack's [action, body]. The first patch is the first screen.
  const PROTOCOL_FRAME = 0, PATCH_CONTROL = 2;
  const apps = new Map();

  function startWorker() {
    const worker = new Worker(flet.entrypointBaseUrl + "python-worker.js", { type: "module" });
    const app = { worker, deliver: null, waiting: [], drawn: false };
    app.ready = new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => {
        if (typeof data === "string") {
          if (data === "initialized") resolve(); else reject(new Error(data));
          return;
        }
        if (app.deliver) hand(app, data); else app.waiting.push(data);
      };
      worker.onerror = (event) => reject(new Error(event.message || "the Python worker could not be loaded"));
    });
    app.ready.catch((error) => { console.error(error.message); window.caravanSkeleton?.failed(); });
    worker.postMessage({ documentUrl: document.URL, base: flet.entrypointBaseUrl, module: flet.pythonModuleName });
    return app;
  }

  function hand(app, data) {
    const isScreen = data[0] === PROTOCOL_FRAME && data[2] === PATCH_CONTROL;
    app.deliver(data);
    if (!app.drawn && isScreen) {
      app.drawn = true;
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
