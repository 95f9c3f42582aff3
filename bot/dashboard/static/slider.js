// The fleet at an earlier moment. The data have each project once, and then what changed from step to step.
"use strict";
(() => {
  const frames = JSON.parse(document.getElementById("frames").textContent);
  if (!frames.length) return;
  const MOST = 200;
  const part = (id) => document.getElementById(id);
  const slider = part("slider");
  const standings = [];
  let last = {};
  for (const frame of frames) {
    last = { ...last };
    for (const [id, now] of Object.entries(frame.changed)) {
      if (now) last[id] = now;
      else delete last[id];
    }
    standings.push(last);
  }

  function element(name, text, className = "") {
    const made = document.createElement(name);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function tile(name, value, note) {
    const made = element("li", "", "tile");
    made.append(element("h3", name), element("p", value, "value"), element("p", note, "note"));
    return made;
  }

  function tiles(frame) {
    const waiting = Object.values(frame.queues).reduce((sum, one) => sum + one, 0);
    const queues = Object.entries(frame.queues).map(([name, count]) => `${name} ${count}`).join(", ");
    const workers = Object.entries(frame.workers).map(([flow, counts]) =>
      `${flow} ${Object.entries(counts).map(([status, count]) => `${count} ${status}`).join(" and ") || "none"}`).join(", ");
    const there = Object.values(frame.projects).reduce((sum, one) => sum + one, 0);
    const projects = Object.entries(frame.projects).map(([status, count]) => `${count} ${status}`).join(", ");
    const alerts = frame.alerts.map(([id, severity]) => `${id} (${severity})`).join(", ");
    return [
      tile("Tasks waiting", String(waiting), queues),
      tile("Workers at work", String(frame.busy), workers),
      tile("Projects", String(there), projects || "none"),
      tile("Open alerts", String(frame.alerts.length), alerts || "none"),
    ];
  }

  function row([id, [stage, status, done, tasks]]) {
    const made = document.createElement("tr");
    const head = element("th", "");
    head.scope = "row";
    head.append(Object.assign(element("a", id), { href: `projects/${encodeURIComponent(id)}.html` }));
    made.append(head, element("td", stage), element("td", status), element("td", `${done} of ${tasks}`, "num"));
    return made;
  }

  function show() {
    const at = Number(slider.value);
    const frame = frames[at];
    part("moment").textContent = frame.shown;
    slider.setAttribute("aria-valuetext", frame.shown);
    part("commit").textContent = frame.version;
    part("switches").textContent = frame.switches.length ? `In force: ${frame.switches.join(", ")}.` : "";
    part("figures").replaceChildren(...tiles(frame));
    const rows = Object.entries(standings[at]).sort(([a], [b]) => (a < b ? -1 : 1));
    rows.sort((a, b) => (a[1][1] === "complete") - (b[1][1] === "complete"));
    part("then").replaceChildren(...rows.slice(0, MOST).map(row));
    part("then-more").textContent = rows.length > MOST ? `The first ${MOST} of ${rows.length}.` : "";
    part("back").disabled = at === 0;
    part("on").disabled = at === frames.length - 1;
  }

  function step(by) {
    slider.value = String(Number(slider.value) + by);
    show();
  }

  slider.max = String(frames.length - 1);
  slider.value = slider.max;
  slider.addEventListener("input", show);
  part("back").addEventListener("click", () => step(-1));
  part("on").addEventListener("click", () => step(1));
  part("past").hidden = false;
  show();
})();
