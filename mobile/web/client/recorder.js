// Recording a voice note. Loaded when somebody records for the first time.
//
// A dialog of the page over Flutter's canvas, because only the page has microphones. What was said is given up by one
// button only: Escape, the limit, a microphone that goes away or a dialog that the browser closes keep it.
const KINDS = ["audio/webm;codecs=opus", "audio/mp4;codecs=mp4a.40.2", "audio/ogg;codecs=opus", "audio/mp4", "audio/webm"];
const BITS_PER_SECOND = 32_000; // speech; browsers that cannot do it take their own
const PART_MS = 1_000;
const TICK_MS = 200;
const SILENT_S = 4, SILENT_LEVEL = 0.002;

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

async function styled() {
  if (document.querySelector("link[data-recorder]")) return;
  const link = element("link", { rel: "stylesheet", href: new URL("recorder.css", import.meta.url).href });
  link.dataset.recorder = "";
  await new Promise((resolve) => { link.onload = link.onerror = resolve; document.head.append(link); });
}

/** Why nothing can be recorded: the key of the words. */
function reason(error) {
  if (!window.MediaRecorder || !navigator.mediaDevices) return "unsupported";
  return error.name === "NotAllowedError" || error.name === "SecurityError" ? "denied" : "missing";
}

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

/** How loud it is at this moment, 0 to 1; null where the browser does not say. */
function loudness(stream) {
  const Context = window.AudioContext;
  if (!Context) return { level: () => null, close() {} };
  const context = new Context();
  const analyser = Object.assign(context.createAnalyser(), { fftSize: 1024 });
  const wave = new Float32Array(analyser.fftSize);
  context.createMediaStreamSource(stream).connect(analyser);
  return {
    level() {
      if (context.state !== "running") return null;
      analyser.getFloatTimeDomainData(wave);
      return Math.sqrt(wave.reduce((sum, value) => sum + value * value, 0) / wave.length);
    },
    close: () => context.close(),
  };
}

/** The screen stays lit, where the browser can: a phone that locks itself takes the microphone away. */
async function awake() {
  try {
    const lock = await navigator.wakeLock.request("screen");
    return () => lock.release();
  } catch {
    return () => {};
  }
}

let opened = false;

/**
 * Opens the recorder, one at a time: a second tap while it opens is as if discarded. `words`: title, waiting, recording,
 * silent, limit, lost, stopped, denied, missing, unsupported, stop, keep, discard, close. `dark`: how the app looks.
 * {status: "recorded", bytes: Uint8Array, mime, seconds}, {status: "discarded"}, or {status: "refused", reason}.
 */
export async function record(words, limitSeconds, dark) {
  if (opened) return { status: "discarded" };
  opened = true;
  try {
    await styled();
    return await recorded(words, limitSeconds, dark);
  } finally {
    opened = false;
  }
}

async function recorded(words, limitSeconds, dark) {
  const said = element("p", { textContent: words.waiting });
  said.setAttribute("role", "status");
  const time = element("time", { textContent: clock(0) });
  time.setAttribute("role", "timer");
  const bar = element("i"), meter = element("div", { className: "caravan-voice-level" }, bar);
  const discard = element("button", { type: "button", textContent: words.discard });
  const keep = element("button", { type: "button", className: "caravan-voice-first", textContent: words.stop, disabled: true });
  const dialog = element("dialog", { className: `caravan-voice${dark ? " dark" : ""}` },
    element("h1", { textContent: words.title }), element("div", { className: "caravan-voice-time" }, element("b"), time),
    meter, said, element("div", { className: "caravan-voice-foot" }, discard, keep));
  dialog.setAttribute("aria-label", words.title);
  document.body.append(dialog);
  dialog.showModal();

  let stream = null, recorder = null, sound = null, halted = null, began = 0, ticking = 0, seconds = 0, lightsOut = () => {};
  const parts = [];
  const leaving = (event) => event.preventDefault();

  /** Ends the recording, its parts being here, and lets go of the microphone. Whoever comes second waits for the same end. */
  function halt() {
    return halted ||= end();
  }

  async function end() {
    seconds = (performance.now() - began) / 1_000;
    if (recorder.state !== "inactive") {
      const ended = new Promise((resolve) => recorder.addEventListener("stop", resolve, { once: true }));
      recorder.stop();
      await ended;
    }
    clearInterval(ticking);
    release();
  }

  function release() {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    if (sound) sound.close();
    sound = null;
    lightsOut();
  }

  /** It has ended by itself: now a person decides. */
  async function ask(why) {
    await halt();
    dialog.classList.add("stopped");
    said.textContent = words[why];
    keep.textContent = words.keep;
  }

  const outcome = new Promise((resolve) => {
    keep.addEventListener("click", () => resolve(true));
    discard.addEventListener("click", () => resolve(false));
    dialog.addEventListener("cancel", (event) => {
      if (!recorder) return resolve(false);
      if (recorder.state === "inactive") return; // it closes
      event.preventDefault();
      ask("stopped");
    });
    dialog.addEventListener("close", () => resolve(recorder !== null));
  });

  async function begin() {
    if (!window.MediaRecorder || !navigator.mediaDevices) throw new Error("no recorder here");
    stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, noiseSuppression: true }, video: false });
    if (!dialog.open) return release();
    const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    recorder = new MediaRecorder(stream, { ...(mimeType ? { mimeType } : {}), audioBitsPerSecond: BITS_PER_SECOND });
    recorder.addEventListener("dataavailable", ({ data }) => { if (data.size > 0) parts.push(data); });
    recorder.addEventListener("error", () => ask("lost"));
    stream.getTracks().forEach((track) => track.addEventListener("ended", () => ask("lost")));
    // In parts, so that a failure half-way leaves what was said before it.
    recorder.start(PART_MS);
    began = performance.now();
    try {
      sound = loudness(stream);
    } catch (error) {
      console.warn("no level of the microphone", error); // what is said is recorded all the same
    }
    lightsOut = await awake();
    if (!dialog.open || halted) return release();
    addEventListener("beforeunload", leaving);
    dialog.classList.add("running");
    said.textContent = words.recording;
    keep.disabled = false;
    keep.focus();
    let quietSince = began;
    ticking = setInterval(() => {
      const now = performance.now(), level = sound ? sound.level() : null;
      time.textContent = clock((now - began) / 1_000);
      bar.style.width = `${Math.min(100, Math.round((level ?? 0) * 400))}%`;
      if (level === null || level > SILENT_LEVEL) quietSince = now;
      said.textContent = now - quietSince > SILENT_S * 1_000 ? words.silent : words.recording;
      if (now - began >= limitSeconds * 1_000) ask("limit");
    }, TICK_MS);
  }

  let refused = "";
  begin().catch((error) => {
    refused = reason(error);
    console.warn("no voice note", error);
    release();
    recorder = null;
    dialog.classList.add("refused");
    said.textContent = words[refused];
    keep.remove();
    discard.textContent = words.close;
  });

  try {
    const wanted = await outcome;
    if (!recorder) return refused ? { status: "refused", reason: refused } : { status: "discarded" };
    await halt();
    if (!wanted || parts.length === 0) return { status: "discarded" };
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return { status: "recorded", bytes, mime: recorder.mimeType.split(";")[0], seconds: Math.max(1, Math.round(seconds)) };
  } finally {
    removeEventListener("beforeunload", leaving);
    clearInterval(ticking);
    release();
    dialog.close();
    dialog.remove();
  }
}
