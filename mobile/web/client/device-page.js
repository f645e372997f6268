// The page's side of the device: what a worker cannot do (see device-lib.js for the other end).
//
// Loaded as an ordinary script after support.js and before the script that makes the Python worker: it gives every
// worker whose address ends in /python-worker.js a MessagePort with its first message. Other scripts of the page use
//   caravanPage.emit({type: "update-ready", ...})        an event for Python; kept until Python listens
//   caravanPage.handle("name", async (...args) => ...)   a function that Python may call by that name
(() => {
  if (window.caravanUnsupported) return;

  // The latest of these is told to a worker that comes later: they are states rather than happenings.
  const STATES = { online: "network", offline: "network", visible: "page", hidden: "page", "update-ready": "update", "update-applied": "update",
    "install-available": "install", installed: "install", theme: "theme", motion: "motion" };
  const EVENTS_KEPT_MAX = 200;
  const query = (text) => window.matchMedia(text);
  const dark = query("(prefers-color-scheme: dark)"), calm = query("(prefers-reduced-motion: reduce)");
  const standalone = query("(display-mode: standalone)");
  const latest = new Map();
  const early = [];
  let port = null, worker = null, installPrompt = null;

  function emit(event) {
    if (STATES[event.type]) latest.set(STATES[event.type], event);
    if (port) port.postMessage({ event });
    else if (!STATES[event.type] && early.push(event) > EVENTS_KEPT_MAX) early.shift();
  }

  async function storageStatus() {
    const estimate = navigator.storage.estimate ? await navigator.storage.estimate() : {};
    const persisted = navigator.storage.persisted ? await navigator.storage.persisted() : false;
    return { persisted, usage: estimate.usage ?? null, quota: estimate.quota ?? null };
  }

  function saveFile(name, mime, bytes) {
    const url = URL.createObjectURL(new Blob([bytes], { type: mime }));
    const link = Object.assign(document.createElement("a"), { href: url, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    // The download has its own reference a moment later; a minute is far more than it needs.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  async function promptInstall() {
    if (!installPrompt) return "unavailable";
    const prompt = installPrompt;
    installPrompt = null;
    latest.delete("install");
    prompt.prompt();
    return (await prompt.userChoice).outcome;
  }

  // Chromium on Android has no constructor for it: there only the service worker may show one.
  async function notify(title, body, tag) {
    if (!("Notification" in window) || Notification.permission !== "granted") return false;
    const options = { body, tag, icon: "icons/icon-192.png" };
    const registration = navigator.serviceWorker && await navigator.serviceWorker.getRegistration();
    if (registration && registration.active) await registration.showNotification(title, options);
    else {
      new Notification(title, options).addEventListener("click", (event) => {
        event.target.close();
        window.focus();
        emit({ type: "notification", tag });
      });
    }
    return true;
  }

  const functions = {
    "page.state": () => ({
      language: navigator.language, languages: navigator.languages, online: navigator.onLine,
      visible: document.visibilityState === "visible", dark: dark.matches, reducedMotion: calm.matches,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
      installable: installPrompt !== null, installed: standalone.matches || navigator.standalone === true,
      updateReady: latest.get("update")?.type === "update-ready",
    }),
    "page.reload": () => location.reload(),
    "page.title": (text) => { document.title = text; },
    "page.look": (mode, tag) => {
      document.documentElement.lang = tag;
      window.caravanKept.setLook(mode, tag.slice(0, 2));
    },
    "storage.status": storageStatus,
    "storage.persist": async () => (navigator.storage.persist ? navigator.storage.persist() : false),
    "install.prompt": promptInstall,
    // updates.js owns the service worker; false: no version is waiting.
    "update.apply": () => (window.caravanUpdate ? window.caravanUpdate.apply() : false),
    "update.check": () => window.caravanUpdate && window.caravanUpdate.check(),
    "file.save": saveFile,
    "scan.open": async (words) => (await import("./scanner.js")).scan(words),
    "voice.record": async (words, limit, dark) => (await import("./recorder.js")).record(words, limit, dark),
    "sound.play": async (key, mime, bytes) => (await import("./player.js")).play(key, mime, bytes),
    "sound.resume": async () => (await import("./player.js")).resume(),
    "sound.pause": async () => (await import("./player.js")).pause(),
    "sound.stop": async () => (await import("./player.js")).stop(),
    "notify.state": () => ("Notification" in window ? Notification.permission : "unsupported"),
    "notify.ask": async () => ("Notification" in window ? Notification.requestPermission() : "unsupported"),
    "notify.show": notify,
    "unsupported.show": (missing) => {
      worker.terminate();
      window.caravanShowUnsupported([missing]);
    },
  };

  async function answer(to, { id, name, args }) {
    try {
      if (!functions[name]) throw new TypeError(`the page has no function ${name}`);
      to.postMessage({ id, value: await functions[name](...args) });
    } catch (error) {
      to.postMessage({ id, error: { name: error.name, message: error.message } });
    }
  }

  function attach(pythonWorker) {
    const channel = new MessageChannel();
    worker = pythonWorker;
    port = channel.port1;
    const own = port;
    own.onmessage = ({ data }) => answer(own, data);
    pythonWorker.postMessage({ caravan: "port" }, [channel.port2]);
    for (const event of [...latest.values(), ...early.splice(0)]) own.postMessage({ event });
  }

  window.Worker = class extends window.Worker {
    constructor(url, options) {
      super(url, options);
      if (new URL(url, document.baseURI).pathname.endsWith("/python-worker.js")) attach(this);
    }
  };

  // Keys for the app (kit/keyboard.py). Only the page knows whether somebody types into a field. Letters are not for the
  // app either while a field is about to take the focus: for a moment after a tap, which may have been into one, and
  // after Ctrl K until the search has it, which takes a slow device its time.
  const APP_KEYS = new Set(["n", "j", "k", "[", "]", "?", "arrowdown", "arrowup", "escape"]);
  const FIELDS = "input, textarea";
  const SETTLES_MS = 1500;
  const ARRIVES_MS = 10_000;
  let quietUntil = 0;
  document.addEventListener("pointerdown", () => { quietUntil = performance.now() + SETTLES_MS; }, { capture: true });
  document.addEventListener("focusin", (event) => {
    if (!event.composedPath()[0]?.matches?.(FIELDS)) return;
    quietUntil = Math.min(quietUntil, performance.now() + SETTLES_MS);
  }, { capture: true });
  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    const held = /Mac|iP/.test(navigator.platform) ? event.metaKey : event.ctrlKey;
    if (held && key === "k" && !event.altKey && !event.shiftKey) {
      event.preventDefault(); // the browser would go to its address bar
      quietUntil = performance.now() + ARRIVES_MS;
    } else {
      const typing = event.isComposing || event.composedPath()[0]?.matches?.(FIELDS);
      if (!APP_KEYS.has(key) || typing || performance.now() < quietUntil) return;
    }
    const { ctrlKey: ctrl, shiftKey: shift, altKey: alt, metaKey: meta } = event;
    emit({ type: "key", key: key.replace("arrow", "arrow "), ctrl, shift, alt, meta });
  }, { capture: true });
  window.addEventListener("online", () => emit({ type: "online" }));
  window.addEventListener("offline", () => emit({ type: "offline" }));
  document.addEventListener("visibilitychange", () => emit({ type: document.visibilityState }));
  dark.addEventListener("change", () => emit({ type: "theme", dark: dark.matches }));
  calm.addEventListener("change", () => emit({ type: "motion", reduced: calm.matches }));
  window.addEventListener("languagechange", () => emit({ type: "language", language: navigator.language }));
  // The service worker's word of a tapped notification.
  navigator.serviceWorker?.addEventListener("message", ({ data }) => {
    if (data?.type === "notification") emit(data);
  });
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    installPrompt = event;
    emit({ type: "install-available" });
  });
  window.addEventListener("appinstalled", () => {
    installPrompt = null;
    emit({ type: "installed" });
  });

  window.caravanPage = { emit, handle: (name, call) => { functions[name] = call; } };
})();
