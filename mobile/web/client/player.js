// Playing a recording, one at a time. Loaded when somebody plays for the first time. Python hears of every change as an
// event {type: "sound", key, state, at, total}: state playing, paused, ended or failed; whole seconds, total 0 if unknown.
let audio = null, playing = "", told = "";

function tell(state) {
  const at = Math.floor(audio.currentTime), total = Number.isFinite(audio.duration) ? Math.round(audio.duration) : 0;
  const event = { type: "sound", key: playing, state, at, total };
  if (JSON.stringify(event) === told) return;
  told = JSON.stringify(event);
  window.caravanPage.emit(event);
}

/** Plays `bytes` (Uint8Array) from the beginning; `key` names it in the events. */
export async function play(key, mime, bytes) {
  stop();
  const own = new Audio(URL.createObjectURL(new Blob([bytes], { type: mime })));
  audio = own;
  playing = key;
  // What was stopped meanwhile says nothing more.
  const now = () => { if (audio === own) tell(own.error ? "failed" : own.ended ? "ended" : own.paused ? "paused" : "playing"); };
  for (const change of ["timeupdate", "play", "pause", "ended", "error"]) own.addEventListener(change, now);
  await resume();
}

/** Goes on, after the end from the beginning. */
export async function resume() {
  const own = audio;
  if (!own) return;
  try {
    await own.play();
  } catch (error) {
    // AbortError: paused or stopped before it began, which is no failure.
    if (audio !== own || error.name === "AbortError") return;
    console.warn("a recording does not play", error);
    tell("failed");
  }
}

export function pause() {
  if (audio) audio.pause();
}

/** Ends it and forgets the bytes. */
export function stop() {
  const own = audio;
  audio = null;
  playing = told = "";
  if (!own) return;
  own.pause();
  URL.revokeObjectURL(own.src);
  own.removeAttribute("src");
  own.load();
}
