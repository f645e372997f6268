// What the page must know before Python runs: copies of small things, kept where they can be read at once.
//   caravanKept.look()            {mode: "system" | "light" | "dark", language: "zh" | "en"} as chosen in the app, or {}
//   caravanKept.get/set(key, …)   a string; a browser that keeps nothing answers null
// The loading frame is drawn in that look (skeleton.css, skeleton.js).
(() => {
  const LOOK = "caravan.look";
  const ground = { light: "#F7F5F1", dark: "#141412" };

  const kept = {
    get(key) {
      try { return localStorage.getItem(key); } catch { return null; }   // storage switched off: support.js tells the user
    },
    set(key, text) {
      try { localStorage.setItem(key, text); } catch (error) { console.warn("not kept: " + key, error.name); }
    },
    look() {
      try { return JSON.parse(kept.get(LOOK)) || {}; } catch { return {}; }
    },
    setLook: (mode, language) => kept.set(LOOK, JSON.stringify({ mode, language })),
  };
  window.caravanKept = kept;

  const { mode, language } = kept.look();
  const dark = mode === "dark" || (mode !== "light" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", dark);
  const zh = language ? language === "zh" : (navigator.language || "zh").toLowerCase().startsWith("zh");
  document.documentElement.lang = zh ? "zh-CN" : "en";
  if (ground[mode]) for (const meta of document.querySelectorAll("meta[name=theme-color]")) meta.content = ground[mode];
})();
