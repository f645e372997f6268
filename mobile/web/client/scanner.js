// Reading a card or badge: by the camera, or from a photo. Loaded when somebody scans for the first time.
//
// It is a dialog of the page over Flutter's canvas, because only the page has cameras. Every way out leads back to the
// form: a code that was read, or the wish to type. No camera, or none allowed, is said and leaves the other two ways.
import { prepareZXingModule, readBarcodes } from "./zxing/reader/index.js";

const EVERY_MS = 120;
const WIDTH_MAX = 1280;
const FORMATS = ["QRCode", "MicroQRCode", "DataMatrix", "Aztec", "PDF417"];
const HERE = new URL(".", import.meta.url);

prepareZXingModule({ overrides: { locateFile: (name) => new URL(`zxing/reader/${name}`, HERE).href } });

/** The first code on a picture (Blob or ImageData): {bytes, text}, or null. `text` only when the code names its characters. */
async function read(picture) {
  const results = await readBarcodes(picture, { formats: FORMATS, tryHarder: true, maxNumberOfSymbols: 1 });
  const found = results.find((result) => result.isValid && result.bytes.length > 0);
  return found ? { bytes: Array.from(found.bytes), text: found.hasECI ? found.text : "" } : null;
}

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

async function styled() {
  if (document.querySelector("link[data-scanner]")) return;
  const link = element("link", { rel: "stylesheet", href: new URL("scanner.css", HERE).href });
  link.dataset.scanner = "";
  await new Promise((resolve) => { link.onload = link.onerror = resolve; document.head.append(link); });
}

/** Why there is no camera: the key of the words. */
function reason(error) {
  return error && (error.name === "NotAllowedError" || error.name === "SecurityError") ? "denied" : "no_camera";
}

/** Draws frames until one has a code. Ends when `signal` is aborted. */
async function watch(video, signal) {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  while (!signal.aborted) {
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && video.videoWidth > 0) {
      const scale = Math.min(1, WIDTH_MAX / video.videoWidth);
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      context.drawImage(video, 0, 0, canvas.width, canvas.height);
      const found = await read(context.getImageData(0, 0, canvas.width, canvas.height));
      if (found) return found;
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  return null;
}

let opened = false;

/**
 * Opens the scanner, once: a second tap while it is loading or open gets {status: "typed"} at once.
 * `words`: title, hint, photo, type, denied, no_camera, nothing, looking.
 * {status: "found", bytes: [..], text} or {status: "typed"}.
 */
export async function scan(words) {
  if (opened) return { status: "typed" };
  opened = true;
  try {
    return await shown(words);
  } finally {
    opened = false;
  }
}

async function shown(words) {
  await styled();
  const ended = new AbortController();
  const video = element("video", { muted: true, playsInline: true, autoplay: true });
  const said = element("p", { textContent: words.hint });
  said.setAttribute("role", "status");
  const file = element("input", { type: "file", accept: "image/*", className: "caravan-scan-file" });
  file.setAttribute("aria-label", words.photo);
  const photo = element("label", { className: "caravan-scan-button" }, words.photo, file);
  const type = element("button", { type: "button", className: "caravan-scan-button caravan-scan-first", textContent: words.type });
  const frame = element("div", { className: "caravan-scan-frame" }, video, element("i"));
  const dialog = element("dialog", { className: "caravan-scan" },
    element("h1", { textContent: words.title }), frame, said, element("div", { className: "caravan-scan-foot" }, photo, type));
  dialog.setAttribute("aria-label", words.title);
  document.body.append(dialog);
  dialog.showModal();
  let stream = null;

  const outcome = new Promise((resolve) => {
    type.addEventListener("click", () => resolve(null));
    // Escape and the phone's back gesture.
    dialog.addEventListener("cancel", () => resolve(null));
    file.addEventListener("change", async () => {
      const [chosen] = file.files;
      file.value = "";
      if (!chosen) return;
      said.textContent = words.looking;
      let found = null;
      try {
        found = await read(chosen);
      } catch (error) {
        console.warn("a photo could not be read", error);
      }
      if (found) resolve(found);
      else said.textContent = words.nothing;
    });
    camera().then(resolve, (error) => {
      release();
      frame.hidden = true;
      said.textContent = words[reason(error)];
    });
  });

  /** The camera's light goes out. */
  function release() {
    if (stream) stream.getTracks().forEach((track) => track.stop());
  }

  /** Settles only with a code: without one the person decides. */
  async function camera() {
    if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) throw new Error("no camera here");
    const opened = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment", width: { ideal: WIDTH_MAX } } });
    if (ended.signal.aborted) {
      opened.getTracks().forEach((track) => track.stop());
      return null;
    }
    stream = opened;
    video.srcObject = stream;
    await video.play();
    return watch(video, ended.signal);
  }

  try {
    const found = await outcome;
    return found ? { status: "found", ...found } : { status: "typed" };
  } finally {
    ended.abort();
    release();
    dialog.close();
    dialog.remove();
  }
}
