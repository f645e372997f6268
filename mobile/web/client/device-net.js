// HTTP to the site's own server, with its cookies. Every request can be aborted at once: a tab that hands its store over
// must not have an exchange in flight. One that Python gives up is aborted too: a long poll that stands for 25 s would
// keep its connection, and over HTTP/1.1 a browser has six of them.

const running = new Map();

/**
 * Answers {status, headers: JSON text, body: Uint8Array}, or {error: "offline" | "timeout" | "aborted", detail}.
 * `number` names the request for `abortRequest`; `headersJson` is a JSON object; `body` a Uint8Array or null; the time
 * limit covers the body as well.
 */
export async function request(number, method, path, headersJson, body, timeoutMs) {
  if (!/^\/(?!\/)/.test(path)) throw new TypeError("a path begins with one slash");
  const aborter = new AbortController();
  const timer = setTimeout(() => aborter.abort("timeout"), timeoutMs);
  running.set(number, aborter);
  try {
    const response = await fetch(path, {
      method, body: body ?? undefined, headers: JSON.parse(headersJson), signal: aborter.signal,
      credentials: "same-origin", cache: "no-store", redirect: "error",
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, headers: JSON.stringify(Object.fromEntries(response.headers)), body: bytes };
  } catch (error) {
    return { error: aborter.signal.aborted ? aborter.signal.reason : "offline", detail: String(error) };
  } finally {
    clearTimeout(timer);
    running.delete(number);
  }
}

export function abortRequest(number) {
  running.get(number)?.abort("aborted");
}

export function abortRequests() {
  for (const number of running.keys()) abortRequest(number);
}
