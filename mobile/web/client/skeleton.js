// The words of the loading frame, and its removal. Flutter's own first frame is still blank: the skeleton stays until
// Python has drawn something, which python.js tells by calling window.caravanSkeleton.drawn().
(() => {
  const zh = document.documentElement.lang === "zh-CN";   // look.js chose it
  const say = (chinese, english) => {
    const words = document.getElementById("caravan-skeleton-words");
    if (words) words.textContent = zh ? chinese : english;
  };
  say("正在准备…", "Getting ready…");

  window.caravanSkeleton = {
    drawn() {
      // Two animation frames: one for Flutter to lay out what it has just been told, one to paint it.
      requestAnimationFrame(() => requestAnimationFrame(() => {
        const skeleton = document.getElementById("caravan-skeleton");
        if (!skeleton) return;
        skeleton.classList.add("leaving");
        setTimeout(() => skeleton.remove(), 150);
        document.dispatchEvent(new CustomEvent("caravan-drawn"));
      }));
    },
    failed() {
      say("没能启动。请检查网络后刷新本页；已保存在本机的数据不受影响。",
          "Could not start. Check the connection and reload this page; what is saved on this device is safe.");
    },
  };
})();
