// Flet's page configuration, as a file: the Content-Security-Policy allows no inline script. Every address is absolute
// and derived from <base href>, because a module worker refuses bare specifiers and deep links change the page's path.
const caravanBase = new URL(".", document.baseURI).pathname;

var flet = {
  pyodide: true,
  multiView: false,
  noCdn: true,
  webSocketEndpoint: "/ws",
  entrypointBaseUrl: caravanBase,
  assetBase: caravanBase,
  routeUrlStrategy: "path",
  canvasKitBaseUrl: caravanBase + "canvaskit/",
  pyodideUrl: caravanBase + "pyodide/pyodide.mjs",
  webRenderer: "canvaskit",
  // The smaller build uses Chromium's own line breaking. sw.js asks the same question to store only the one that is used.
  canvasKitVariant: typeof Intl.v8BreakIterator === "undefined" ? "full" : "chromium",
  fontFallbackBaseUrl: caravanBase + "assets/fonts/",
  appPackageUrl: caravanBase + "app.pack",
  pythonModuleName: "main",
  // Name of the memory snapshot in snapshot.bin, set by the build; empty: Python starts from its byte code.
  snapshot: "",
};
flet.flutterAppLoaded = new Promise((resolve) => { flet.flutterAppResolve = resolve; });

// WebKit restores a Flutter page from its back/forward cache with frames that never come: only a fresh start recovers.
window.addEventListener("pageshow", (event) => {
  if (event.persisted && navigator.vendor && navigator.vendor.startsWith("Apple")) window.location.reload();
});
