// The first script of the page: can this browser run the app at all? If not, one page says what to do, before anything
// heavy is loaded. Written in old JavaScript on purpose: a browser too old for the app must still read this file.
//
// For the scripts that follow: on an unsupported browser `window.caravanUnsupported` is true, and the rest of the document
// is parsed as the inert content of a <template>, so no script after this one runs. (This file must therefore be a plain
// script in <head>: neither async nor defer.) What only a worker can see (a private window that refuses files) comes
// later through device-page.js, which calls `window.caravanShowUnsupported(["storage"])`.
(function () {
  "use strict";

  // Where synchronous OPFS handles, Web Locks, module workers and WebAssembly all exist.
  var BROWSERS = ["Chrome, Edge 108+", "Firefox 114+", "Safari 16.4+ (iPhone, iPad: iOS 16.4+)"];
  var SCRIPT = document.currentScript;
  var HOME = SCRIPT ? SCRIPT.src.replace(/[^/]*$/, "") : "/";

  var WORDS = {
    zh: {
      other: "English", otherName: "Switch to English", reload: "重新打开", safe: "以前在这台设备上保存的内容没有改动。",
      detail: "缺少：", heading: "可以这样做",
      insecure: { title: "这个网址不安全，商队无法启动",
        text: "商队把客户和订单存在你的设备里。浏览器只在安全的网址上允许这样做。",
        todo: ["请用 https:// 开头的网址打开，可向管理员索取。", "服务器就在这台电脑上时，请打开 {local}。"] },
      browser: { title: "这个浏览器太旧，商队无法启动",
        text: "商队没有网络也要工作，需要浏览器提供安全的本机存储。",
        todo: ["请更新浏览器，或改用：{browsers}。", "微信、钉钉里打开的，请点右上角菜单，选“在浏览器打开”。"] },
      storage: { title: "浏览器不允许保存数据，商队无法启动",
        text: "没有本机存储，断网时你的工作会丢失，所以商队不在这里启动。",
        todo: ["正在用无痕或隐私窗口的，请改用普通窗口。", "请在浏览器设置里允许本网站保存数据（Cookie 和网站数据）。",
          "仍然不行，请改用：{browsers}。"] },
      full: { title: "设备存储空间已满，商队无法启动",
        text: "没有空间，新的工作就无法保存。",
        todo: ["请在设备上腾出一些空间，再重新打开本页。", "不要清除本网站的数据：未发送的内容会丢失。"] }
    },
    en: {
      other: "中文", otherName: "切换到中文", reload: "Open again", safe: "What was saved on this device before is unchanged.",
      detail: "Missing: ", heading: "What you can do",
      insecure: { title: "This address is not secure, so Caravan cannot start",
        text: "Caravan keeps customers and orders on your device. Browsers allow that on secure addresses only.",
        todo: ["Open the address that begins with https://. Your administrator has it.",
          "If the server runs on this computer, open {local}."] },
      browser: { title: "This browser is too old for Caravan",
        text: "Caravan works without a network and needs safe storage on the device from the browser.",
        todo: ["Update the browser, or use one of: {browsers}.",
          "Opened inside another app (WeChat, DingTalk)? Choose “Open in browser” in its menu."] },
      storage: { title: "The browser does not let Caravan save anything",
        text: "Without storage on the device your work would be lost offline, so Caravan does not start here.",
        todo: ["In a private or incognito window? Use an ordinary window.",
          "Allow this site to save data (cookies and site data) in the browser’s settings.",
          "If that does not help, use one of: {browsers}."] },
      full: { title: "The device’s storage is full, so Caravan cannot start",
        text: "Without space new work cannot be saved.",
        todo: ["Free some space on the device, then open this page again.",
          "Do not clear this site’s data: work that was not sent would be lost."] }
    }
  };

  function moduleWorkers() {
    var asked = false;
    var options = Object.defineProperty({}, "type", { get: function () { asked = true; return "module"; } });
    // An address that cannot be parsed: the options are read first, and no worker is ever started.
    try { new Worker("http://[", options); } catch (expected) { return asked; }
    return asked;
  }

  function missingFeatures() {
    if (!window.isSecureContext) return ["secure context"];
    var missing = [];
    if (typeof WebAssembly !== "object" || typeof WebAssembly.instantiate !== "function") missing.push("WebAssembly");
    if (typeof Worker !== "function" || !moduleWorkers()) missing.push("module workers");
    if (typeof MessageChannel !== "function" || typeof BroadcastChannel !== "function") missing.push("channels");
    if (!navigator.locks) missing.push("Web Locks");
    if (!navigator.storage || !navigator.storage.getDirectory || !window.FileSystemFileHandle) missing.push("OPFS");
    if (!window.indexedDB) missing.push("IndexedDB");
    return missing;
  }

  /** Which page: "insecure" | "browser" | "storage" | "full". */
  function kindOf(missing) {
    if (missing[0] === "secure context") return "insecure";
    return missing[0] === "storage" || missing[0] === "full" ? missing[0] : "browser";
  }

  function element(name, text, parent) {
    var made = document.createElement(name);
    if (text) made.textContent = text;
    if (parent) parent.appendChild(made);
    return made;
  }

  function fill(text) {
    var local = "http://localhost" + (location.port ? ":" + location.port : "") + "/";
    return text.replace("{browsers}", BROWSERS.join(", ")).replace("{local}", local);
  }

  function draw(language, missing) {
    var words = WORDS[language], page = words[kindOf(missing)];
    var body = document.createElement("body"), main = element("main", "", body), header = element("header", "", main);
    body.className = "caravan-unsupported";
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.title = page.title;
    element("strong", "Caravan 商队", header);
    var other = element("button", words.other, header);
    other.setAttribute("aria-label", words.otherName);
    other.onclick = function () { draw(language === "zh" ? "en" : "zh", missing); };
    element("h1", page.title, main);
    element("p", page.text, main);
    element("h2", words.heading, main);
    var list = element("ul", "", main);
    for (var i = 0; i < page.todo.length; i++) element("li", fill(page.todo[i]), list);
    element("p", words.safe, main).className = "safe";
    element("button", words.reload, main).onclick = function () { location.reload(); };
    element("small", words.detail + missing.join(", "), main);
    if (document.body) document.documentElement.replaceChild(body, document.body);
    else document.documentElement.appendChild(body);
  }

  function show(missing) {
    window.caravanUnsupported = true;
    var style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = HOME + "support.css";
    (document.head || document.documentElement).appendChild(style);
    draw((navigator.language || "zh").toLowerCase().indexOf("zh") === 0 ? "zh" : "en", missing);
  }

  function showInsteadOfDocument(missing) {
    window.caravanUnsupported = true;
    // window.stop() would end the parsing too, but Chromium then never paints the page.
    document.write("<template>");
    document.addEventListener("DOMContentLoaded", function () { show(missing); });
  }

  window.caravanShowUnsupported = show;
  var missing = missingFeatures();
  if (missing.length > 0) showInsteadOfDocument(missing);
})();
