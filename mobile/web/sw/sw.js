// The service worker. The build puts this version's file list in place of the marker below: [[path, sha256-hex], …].
// Rules: one cache per version; a version is used only when every file of it is stored and has the right hash; the old one
// serves until the page asks for the switch; the API is never touched.
const VERSION = "__VERSION__";
const LISTED = __FILES__;

// One of the two CanvasKits is enough, and the snapshot fits one engine; flet-config.js and python.js ask the same question.
const UNUSED = typeof Intl.v8BreakIterator === "undefined" ? ["canvaskit/chromium/", "snapshot.bin"] : ["canvaskit/canvaskit."];
const FILES = LISTED.filter(([path]) => !UNUSED.some((start) => path.startsWith(start)));

const PREFIX = "caravan-";
const CACHE = PREFIX + VERSION;
const ROOT = new URL("./", self.location.href);
const PATHS = new Set(FILES.map(([path]) => path));
const PARALLEL_DOWNLOADS = 6;

const address = (path) => new URL(path, ROOT).href;
const isApi = (path) => /^(v1|health|schema)(\/|$)/.test(path);
// Any font ends Flutter's search for a script that is not shipped; a failure would be repeated at every frame.
const STAND_IN_FONT = "assets/fonts/stand-in.woff2";
const isFallbackFont = (path) => /^assets\/fonts\/[a-z0-9]+\/v\d+\/[^/]+$/.test(path);
const isAppRoute = (path) => !path.split("/").pop().includes(".");

async function sha256(buffer) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", buffer));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The stored copy of another version, when it has the same content. The hash travels in a header of the stored response.
async function reuse(path, hash) {
  for (const name of await caches.keys()) {
    if (!name.startsWith(PREFIX)) continue;
    const hit = await (await caches.open(name)).match(address(path));
    if (hit && hit.headers.get("x-content-sha256") === hash) return hit;
  }
  return null;
}

async function download(path, hash) {
  // "no-cache" revalidates: what the browser loaded a moment ago costs one short 304.
  const response = await fetch(address(path), { cache: "no-cache", credentials: "same-origin" });
  if (!response.ok || response.redirected) throw new Error(path + ": HTTP " + response.status);
  const body = await response.arrayBuffer();
  if ((await sha256(body)) !== hash) throw new Error(path + " does not belong to version " + VERSION);
  const headers = new Headers(response.headers);
  headers.set("x-content-sha256", hash);
  headers.delete("content-encoding");   // the body read here is decoded already
  headers.delete("content-length");
  return new Response(body, { status: 200, headers });
}

async function store() {
  const cache = await caches.open(CACHE);
  const queue = [...FILES];
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [path, hash] = next;
      await cache.put(address(path), (await reuse(path, hash)) || (await download(path, hash)));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_DOWNLOADS }, work));
}

self.addEventListener("install", (event) => {
  event.waitUntil(store());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

self.addEventListener("message", (event) => {
  if (event.data && event.data.type === "switch-version") self.skipWaiting();
});

async function answer(request, path) {
  const hit = await (await caches.open(CACHE)).match(address(path));
  // Storage that the browser emptied behind our back: the network is better than nothing.
  return hit || fetch(request);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== ROOT.origin || !url.pathname.startsWith(ROOT.pathname)) return;
  const path = decodeURIComponent(url.pathname.slice(ROOT.pathname.length));
  if (isApi(path) || request.headers.has("range")) return;
  if (PATHS.has(path)) event.respondWith(answer(request, path));
  else if (isFallbackFont(path)) event.respondWith(answer(request, STAND_IN_FONT));
  else if (request.mode === "navigate" && isAppRoute(path)) event.respondWith(answer(request, "index.html"));
});

// A reminder was tapped: the app that is open comes to the front and is told, otherwise it opens at what is due.
self.addEventListener("notificationclick", (event) => {
  const { tag } = event.notification;
  event.notification.close();
  event.waitUntil((async () => {
    const [open] = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    if (!open) return self.clients.openWindow(address("follow-ups"));
    open.postMessage({ type: "notification", tag });
    return open.focus();
  })());
});
