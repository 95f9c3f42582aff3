// A browser as small as the tests need it: it loads the page's scripts and lets somebody click.
// Called by test_behaviour.py with the site's folder and a JSON list of steps; prints what is seen
// after each. Needs Node.js and nothing else.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");

const [folder, steps] = [process.argv[2], JSON.parse(process.argv[3])];
const page = fs.readFileSync(path.join(folder, "index.html"), "utf8");
const scripts = [...page.matchAll(/<script src="([^"]+)" defer>/g)].map((found) => found[1]);

class Element {
  constructor(tag, attributes, text) {
    this.tag = tag;
    this.hidden = /(^|\s)hidden(\s|$)/.test(attributes);
    this.lang = "";
    this.textContent = text;
    this.listeners = {};
  }

  addEventListener(kind, listener) {
    (this.listeners[kind] ??= []).push(listener);
  }

  closest(tag) {
    return this.tag === tag ? this : null;
  }

  tell(kind, event) {
    (this.listeners[kind] ?? []).forEach((listener) => listener(event));
  }
}

// What is kept outlives a reload, as in a browser; `forbidden`: the browser keeps nothing.
const kept = new Map();
let forbidden = false;
const storage = {
  getItem(key) {
    if (forbidden) {
      throw new Error("forbidden");
    }
    return kept.has(key) ? kept.get(key) : null;
  },
  setItem(key, value) {
    if (forbidden) {
      throw new Error("forbidden");
    }
    kept.set(key, value);
  }
};

let elements;
let document;
let window;

function load() {
  elements = {};
  for (const [, tag, attributes, text] of page.matchAll(/<(\w+)([^>]*)>([^<]*)/g)) {
    const id = attributes.match(/\bid="([^"]+)"/);
    if (id) {
      elements[id[1]] = new Element(tag, attributes, text.trim());
    }
  }
  document = new Element("document", "", "");
  document.getElementById = (id) => elements[id] ?? null;
  window = new Element("window", "", "");
  const context = vm.createContext({ document, window, localStorage: storage });
  for (const script of scripts) {
    vm.runInContext(fs.readFileSync(path.join(folder, script), "utf8"), context, script);
  }
}

const actions = {
  load,
  click(id) {
    elements[id].tell("click", { target: elements[id] });
    document.tell("click", { target: elements[id] });
  },
  keep(value) {
    kept.set("hello-world.clicks", value);
  },
  forbid() {
    forbidden = true;
  },
  elsewhere(value) {
    window.tell("storage", { key: "hello-world.clicks", newValue: value });
  }
};

const seen = steps.map(([action, value]) => {
  actions[action](value);
  return {
    message: elements?.message?.textContent,
    lang: elements?.message?.lang,
    count: elements?.count?.textContent,
    shown: Object.keys(elements ?? {}).filter((id) => !elements[id].hidden)
  };
});
console.log(JSON.stringify(seen));
