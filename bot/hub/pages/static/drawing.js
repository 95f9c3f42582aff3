// In the frame that draws: one diagram after the other, each answered with its picture or what is wrong with it.
"use strict";
(() => {
  let last = Promise.resolve();
  const draw = async ({ number, text, theme }) => {
    try {
      mermaid.initialize({ startOnLoad: false, securityLevel: "strict", theme, htmlLabels: false, gantt: { useWidth: document.documentElement.clientWidth } });
      await mermaid.parse(text);
      const { svg } = await mermaid.render(`diagram-${number}`, text);
      parent.postMessage({ number, svg }, "*");
    } catch (error) {
      document.body.replaceChildren();
      parent.postMessage({ number, problem: String(error?.message || error) }, "*");
    }
  };
  addEventListener("message", ({ source, data }) => {
    if (source === parent) last = last.then(() => draw(data));
  });
})();
