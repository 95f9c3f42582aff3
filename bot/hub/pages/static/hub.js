// Keeps a page current: polls the fragment that it names and swaps the parts that changed.
// Without this script every page still works; it only has to be reloaded by hand.
"use strict";
(() => {
  const EVERY = 2000;
  const WHEN_LOST = 10000;

  const live = document.querySelector("[data-live]");
  let etag = live?.dataset.etag || "";
  const shown = new Map(); // part, or piece of the thread → the markup that it was last given
  const keyOf = (node) => node.dataset.part || node.id;

  // What a person has opened, selected, focused or typed must survive a change.
  const isTyping = (part) => {
    const fields = [...part.querySelectorAll("input[type=text], textarea, select")];
    return fields.some((field) => field === document.activeElement || (field.defaultValue ?? field.value) !== field.value);
  };
  const keepOpen = (from, to) => {
    const open = [...from.querySelectorAll("details")].map((details) => details.open);
    [...to.querySelectorAll("details")].forEach((details, i) => (details.open = open[i] ?? details.open));
  };
  const keepFocus = (from, to) => {
    const all = (node) => [...node.querySelectorAll("a, button, summary, [tabindex]")];
    const place = all(from).indexOf(document.activeElement);
    return () => place >= 0 && all(to)[place]?.focus({ preventScroll: true });
  };
  const swap = (old, fresh) => {
    keepOpen(old, fresh);
    const focus = keepFocus(old, fresh);
    old.replaceWith(fresh);
    focus();
  };

  // A log only grows: append, so that neither the selection nor the place in it is lost.
  const grow = (part, fresh) => {
    const [log, next] = [part.querySelector(".log"), fresh.querySelector(".log")];
    if (!log || !next || !next.textContent.startsWith(log.textContent)) return false;
    const atEnd = log.scrollTop + log.clientHeight > log.scrollHeight - 40;
    log.append(next.textContent.slice(log.textContent.length));
    if (atEnd) log.scrollTop = log.scrollHeight;
    return true;
  };
  // A thread's pieces have ids: those that did not change stay the very same elements.
  const mend = (part, fresh) => {
    const wanted = [...fresh.children];
    for (const old of [...part.children]) if (!wanted.some((piece) => piece.id === old.id)) old.remove();
    for (const piece of wanted) {
      const markup = piece.outerHTML;
      const old = document.getElementById(piece.id);
      if (!old) part.append(piece);
      else if (shown.get(piece.id) !== markup) swap(old, piece);
      shown.set(piece.id, markup);
    }
  };
  /** Bring one part up to date; false where it has to wait because somebody is typing in it. */
  const update = (part, fresh) => {
    const markup = fresh.outerHTML;
    if (shown.get(keyOf(fresh)) === markup) return true;
    const inPieces = fresh.children.length > 0 && [...fresh.children].every((piece) => piece.id);
    if (inPieces) mend(part, fresh);
    else if (isTyping(part)) return false;
    else if (!grow(part, fresh)) swap(part, fresh);
    shown.set(keyOf(fresh), markup);
    return true;
  };

  const refresh = async () => {
    const headers = etag ? { "If-None-Match": etag } : {};
    const answer = await fetch(live.dataset.live, { headers, cache: "no-store" });
    if (answer.status === 304) return;
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const done = [...page.querySelectorAll("[data-part]")].map((fresh) => {
      const part = document.querySelector(`[data-part="${fresh.dataset.part}"]`);
      return !part || update(part, fresh);
    });
    etag = done.every(Boolean) ? answer.headers.get("ETag") || "" : ""; // what waited is offered again
    showTimes();
  };
  const poll = async () => {
    let wait = EVERY;
    if (!document.hidden) {
      try {
        await refresh();
        document.body.classList.remove("is-lost");
      } catch {
        document.body.classList.add("is-lost");
        wait = WHEN_LOST;
      }
    }
    setTimeout(poll, wait);
  };

  // The server writes times in UTC; a reader wants "3 minutes ago".
  const units = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60]];
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const showTimes = () => {
    for (const time of document.querySelectorAll("time[datetime]")) {
      const seconds = (new Date(time.dateTime) - Date.now()) / 1000;
      const unit = units.find(([, size]) => Math.abs(seconds) >= size);
      time.title ||= time.textContent;
      time.textContent = unit ? words.format(Math.trunc(seconds / unit[1]), unit[0]) : "just now";
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.name !== "as") return; // the forms without this choice follow it, too
    document.cookie = `hub_as=${encodeURIComponent(event.target.value)}; path=/; max-age=31536000; samesite=strict`;
  });
  for (const node of document.querySelectorAll("[data-part], [data-part] > [id]")) shown.set(keyOf(node), node.outerHTML);
  showTimes();
  setInterval(showTimes, 30000);
  for (const log of document.querySelectorAll(".log")) log.scrollTop = log.scrollHeight;
  if (live) setTimeout(poll, EVERY);
})();
