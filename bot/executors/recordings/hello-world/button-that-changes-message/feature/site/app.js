"use strict";

// The button: each click shows the next message, and the first one again after the last.
(() => {
  // Plain JSON, which the tests read.
  const MESSAGES = [
    {"text": "Hello World", "lang": "en"},
    {"text": "Bonjour le monde", "lang": "fr"},
    {"text": "Hola mundo", "lang": "es"},
    {"text": "Hallo Welt", "lang": "de"},
    {"text": "Ciao mondo", "lang": "it"}
  ];

  const message = document.getElementById("message");
  const button = document.getElementById("change");
  if (!message || !button) {
    return;
  }
  let current = 0;

  function show(index) {
    current = index;
    message.textContent = MESSAGES[index].text;
    message.lang = MESSAGES[index].lang; // so that a screen reader pronounces it
  }

  button.addEventListener("click", () => show((current + 1) % MESSAGES.length));
  button.hidden = false;
})();
