"use strict";

// The counter: every click on a button of the page counts, but for the one that begins anew.
(() => {
  const KEY = "hello-world.clicks";
  const MOST = 999999;

  const counter = document.getElementById("counter");
  const output = document.getElementById("count");
  const reset = document.getElementById("reset");
  if (!counter || !output || !reset) {
    return;
  }

  // A browser may forbid to keep anything: then the count holds for this visit.
  function kept() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  }

  function keep(value) {
    try {
      localStorage.setItem(KEY, String(value));
    } catch {
      // Nothing to do: the count is on the page.
    }
  }

  // Whatever is kept there: anything but a whole number from 0 to MOST counts as 0.
  function read(text) {
    return /^\d{1,6}$/.test(text ?? "") ? Number(text) : 0;
  }

  let clicks = read(kept());

  function show() {
    output.textContent = clicks === MOST ? `${MOST} or more` : String(clicks);
  }

  function set(value) {
    clicks = Math.min(value, MOST);
    keep(clicks);
    show();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && button !== reset) {
      set(clicks + 1);
    }
  });
  reset.addEventListener("click", () => set(0));

  // Another tab of the same page has counted.
  window.addEventListener("storage", (event) => {
    if (event.key === KEY || event.key === null) {
      clicks = read(event.key ? event.newValue : null);
      show();
    }
  });

  show();
  counter.hidden = false;
})();
