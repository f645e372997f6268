// As the product's python-worker.js, without Flet: the device first, then Pyodide, then the project's own packages.
import "./device-lib.js";

let pyodide = null;

async function start(script) {
  const { loadPyodide } = await import(new URL("pyodide/pyodide.mjs", self.location.href).href);
  pyodide = await loadPyodide();
  const packages = await (await fetch("/packages.zip")).arrayBuffer();
  pyodide.unpackArchive(packages, "zip");
  await self.deviceReady(pyodide);
  self.postMessage({ ready: true });
  if (script) await pyodide.runPythonAsync(await (await fetch(script)).text());
}

async function run(id, code) {
  try {
    self.postMessage({ id, value: await pyodide.runPythonAsync(`import json\n${code}`) });
  } catch (error) {
    self.postMessage({ id, error: error.message });
  }
}

self.onmessage = ({ data }) => {
  if (data.code !== undefined) run(data.id, data.code);
  else start(data.script).catch((error) => {
    console.error(error);
    self.postMessage({ ready: false, error: String(error) });
  });
};
