// Starts Python in a worker as the product does. `python(code)` runs code there and resolves with its last value's JSON.
window.bootReached = true;
const worker = new Worker("/python-worker.js", { type: "module" });
const waiting = new Map();
let lastId = 0, settleReady;
window.pythonReady = new Promise((resolve, reject) => { settleReady = { resolve, reject }; });
window.pythonReady.catch(() => {});
worker.onmessage = ({ data }) => {
  if (data.ready !== undefined) return data.ready ? settleReady.resolve(true) : settleReady.reject(new Error(data.error));
  const { resolve, reject } = waiting.get(data.id);
  waiting.delete(data.id);
  if (data.error) reject(new Error(data.error)); else resolve(data.value);
};
const script = new URLSearchParams(location.search).get("script");
worker.postMessage({ script });
window.python = async (code) => {
  await window.pythonReady;
  return new Promise((resolve, reject) => {
    waiting.set(++lastId, { resolve, reject });
    worker.postMessage({ id: lastId, code });
  });
};
