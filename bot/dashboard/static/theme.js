// Runs before anything is shown: the theme that was chosen, and that there is JavaScript at all.
"use strict";
(() => {
  const root = document.documentElement;
  const KEY = "orchestrator-dashboard-theme";
  const known = ["light", "dark"];
  root.classList.add("js");

  function kept() {
    try {
      return localStorage.getItem(KEY) || "auto";
    } catch {
      return "auto"; // no storage here: the choice lasts as long as the page
    }
  }

  function apply(choice) {
    if (known.includes(choice)) root.dataset.theme = choice;
    else delete root.dataset.theme;
    document.dispatchEvent(new Event("theme"));
  }

  apply(kept());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new Event("theme")));
  document.addEventListener("DOMContentLoaded", () => {
    const select = document.getElementById("theme");
    select.closest("label").hidden = false;
    select.value = known.includes(kept()) ? kept() : "auto";
    select.addEventListener("change", () => {
      try {
        localStorage.setItem(KEY, select.value);
      } catch {
        // see above
      }
      apply(select.value);
    });
  });
})();
