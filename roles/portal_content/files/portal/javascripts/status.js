// SPDX-License-Identifier: GPL-3.0-or-later
// Asks each model's gateway, without a key, whether it is there: that it refuses is an answer.
(function () {
  "use strict";

  const root = document.querySelector("[data-status]");
  const say = window.maasSay;
  if (!root) { return; }
  root.hidden = false;
  const places = Array.from(root.querySelectorAll("[data-ask]"));
  const TOO_LATE = 10e3; // milliseconds

  function ask(place) {
    const told = place.querySelector("[data-answer]");
    function tell(words, kind) { told.textContent = say(words); told.className = "badge " + kind; }
    tell("gateway_asked", "plain-badge");
    const given = { credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(TOO_LATE) };
    return fetch(place.dataset.ask + "/v1/models", given).then(
      (answer) => (answer.status < 500 ? tell("gateway_answers", "good") : tell("gateway_fails", "bad")),
      () => tell("gateway_silent", "bad")
    );
  }

  root.querySelector("button").addEventListener("click", () => { places.forEach(ask); });
})();
