// Registers the service worker late (after the first screen, so that its downloads do not compete with the start) and
// tells the app when a new version has been stored completely. The app decides when to switch: see window.caravanUpdate.
(() => {
  if (!navigator.serviceWorker) return;
  let switching = false;

  window.caravanUpdate = {
    ready: false,
    // Switches to the stored version and reloads. The app calls this only when the user agreed and no work is unsent.
    async apply() {
      const registration = await navigator.serviceWorker.getRegistration();
      if (!registration || !registration.waiting) return false;
      switching = true;
      registration.waiting.postMessage({ type: "switch-version" });
      return true;
    },
    async check() {
      const registration = await navigator.serviceWorker.getRegistration();
      if (registration) await registration.update();
    },
  };

  function tellReady() {
    window.caravanUpdate.ready = true;
    window.caravanPage?.emit({ type: "update-ready" });
  }

  function watch(registration) {
    if (registration.waiting && navigator.serviceWorker.controller) tellReady();
    registration.addEventListener("updatefound", () => {
      const incoming = registration.installing;
      incoming.addEventListener("statechange", () => {
        // Without a controller this is the first installation, which replaces nothing.
        if (incoming.state === "installed" && navigator.serviceWorker.controller) tellReady();
      });
    });
  }

  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (switching) window.location.reload();
    else if (window.caravanUpdate.ready) window.caravanPage?.emit({ type: "update-applied" });
  });

  let registered = false;
  async function register() {
    if (registered) return;
    registered = true;
    try {
      watch(await navigator.serviceWorker.register(new URL("sw.js", document.baseURI), { updateViaCache: "none" }));
    } catch (error) {
      // Private windows of some browsers refuse: the app then works while there is a network, and says so by itself.
      console.warn("no service worker: " + error.message);
    }
  }
  document.addEventListener("caravan-drawn", register);
  // An app that never draws (a faulty version) must still be able to receive its repair.
  setTimeout(register, 30000);
})();
