// Shows the Mermaid blocks of a page as pictures, as GitHub does. Their source stays where that fails, and
// without this script. They are drawn in a frame that can reach nothing, and shown as images, which cannot run
// anything: whoever wrote the text. Only a page that has such a block asks for the frame and for the library.
"use strict";
(() => {
  const FRESH = 'pre[lang="mermaid"]:not([data-drawn])';
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const waiting = new Map(); // number → the block that is being drawn
  let number = 0;
  let frame;

  const open = (width) =>
    (frame ||= new Promise((resolve) => {
      const made = document.createElement("iframe");
      made.className = "drawing";
      made.title = "Draws diagrams";
      made.tabIndex = -1;
      made.setAttribute("aria-hidden", "true");
      made.setAttribute("sandbox", "allow-scripts");
      made.width = width;
      made.addEventListener("load", () => resolve(made.contentWindow));
      made.src = "/-/diagrams.html";
      document.body.append(made);
    }));

  const show = (block, svg) => {
    const [, width] = svg.match(/viewBox="[\d.-]+ [\d.-]+ ([\d.]+) [\d.]+"/) || [];
    const image = document.createElement("img");
    image.className = "diagram";
    if (width) image.width = Math.ceil(width);
    image.alt = block.textContent.match(/^.*?\btitle "?([^"\n]+)/m)?.[1] || "Diagram";
    image.src = `data:image/svg+xml;base64,${btoa(String.fromCharCode(...new TextEncoder().encode(svg)))}`;
    block.dataset.drawn = "yes";
    block.hidden = true;
    block.after(image);
  };
  const told = ({ source, data }) => {
    const block = waiting.get(data?.number);
    if (!block) return;
    frame.then((window) => {
      if (source !== window) return;
      waiting.delete(data.number);
      if (data.svg) show(block, data.svg);
      else block.title = `Not drawn: ${data.problem}`;
    });
  };

  const draw = async () => {
    const blocks = [...document.querySelectorAll(FRESH)];
    if (!blocks.length) return;
    for (const block of blocks) block.dataset.drawn = "no";
    const window = await open(Math.min(Math.max(blocks[0].parentElement.clientWidth, 320), 900));
    for (const block of blocks) {
      waiting.set(++number, block);
      window.postMessage({ number, text: block.textContent, theme: dark.matches ? "dark" : "default" }, "*");
    }
  };

  addEventListener("message", told);
  draw();
  // The page's own script swaps in what has changed.
  new MutationObserver(() => document.querySelector(FRESH) && draw()).observe(document.getElementById("main"), { childList: true, subtree: true });
})();
