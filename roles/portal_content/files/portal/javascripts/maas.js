// SPDX-License-Identifier: GPL-3.0-or-later
// Everything on the pages works without this script; it adds copying, tabs, the key in place and when it was used.
(function () {
  "use strict";

  const say = window.maasSay;

  function copyButton(button) {
    var source = document.querySelector(button.dataset.copy);
    if (!source || !navigator.clipboard) { return; }
    var label = button.innerHTML;
    button.hidden = false;
    function tell(words) {
      button.textContent = say(words);
      window.setTimeout(function () { button.innerHTML = label; }, words === "copied" ? 1500 : 6000);
    }
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(source.textContent.trim()).then(function () { tell("copied"); }, function () {
        window.getSelection().selectAllChildren(source); // some browsers do not let a page copy, but always a person
        tell("copy_selected");
      });
    });
  }

  // A list of buttons before the panels, one panel shown; arrow keys move between them.
  function tabs(box, index) {
    var panels = Array.prototype.slice.call(box.querySelectorAll("[data-tab]"));
    if (panels.length < 2) { return; }
    var list = document.createElement("div");
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", box.getAttribute("aria-label") || "");
    var buttons = panels.map(function (panel, number) {
      var button = document.createElement("button");
      var heading = panel.querySelector("h3");
      button.type = "button";
      button.id = "tab-" + index + "-" + number;
      button.textContent = panel.dataset.tab;
      button.setAttribute("role", "tab");
      panel.id = "panel-" + index + "-" + number;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", button.id);
      button.setAttribute("aria-controls", panel.id);
      if (heading) { heading.hidden = true; }
      list.appendChild(button);
      return button;
    });
    function show(chosen, focus) {
      buttons.forEach(function (button, number) {
        var on = number === chosen;
        button.setAttribute("aria-selected", on ? "true" : "false");
        button.tabIndex = on ? 0 : -1;
        panels[number].hidden = !on;
        if (on && focus) { button.focus(); }
      });
    }
    buttons.forEach(function (button, number) {
      button.addEventListener("click", function () { show(number, false); });
      button.addEventListener("keydown", function (event) {
        var step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step) { show((number + step + buttons.length) % buttons.length, true); event.preventDefault(); }
      });
    });
    box.insertBefore(list, panels[0]);
    show(0, false);
  }

  // The key is no part of the page until somebody asks for it: then the page with it is read, and its section shown.
  function reveal(link) {
    link.addEventListener("click", function (event) {
      event.preventDefault();
      var section = link.closest("[data-secret]");
      fetch(link.href, { credentials: "same-origin", cache: "no-store" }).then(function (answer) {
        if (!answer.ok) { throw new Error("HTTP " + answer.status); }
        return answer.text();
      }).then(function (text) {
        var found = new DOMParser().parseFromString(text, "text/html").querySelector("[data-secret]");
        if (!found || found.querySelector("[data-reveal]")) { throw new Error("no key"); }
        section.replaceWith(found);
        begin(found);
        found.querySelector("[data-copy]").focus();
      }).catch(function () { window.location = link.href; });
    });
  }

  // When the key was used: by the hour for the last day, else by the day.
  function lastUsed(place) {
    function ask(query) {
      var address = "/stats/api/applications/" + encodeURIComponent(place.dataset.lastUsed) + "/usage.json?metric_name=hits&timezone=UTC&skip_change=true&period=" + query;
      return fetch(address, { credentials: "same-origin", headers: { Accept: "application/json" } }).then(function (answer) {
        if (!answer.ok) { throw new Error("HTTP " + answer.status); }
        return answer.json();
      }).then(function (found) {
        var last = found.values.map(Number).reduce(function (at, value, index) { return value ? index : at; }, -1);
        return last < 0 ? null : new Date(Date.parse(found.period.since) + last * (query === "day" ? 3600e3 : 86400e3)).toISOString();
      });
    }
    ask("day").then(function (hour) {
      if (hour) { place.textContent = say("used_hour", { day: hour.slice(0, 10), hour: hour.slice(11, 13) }); return null; }
      return ask("month").then(function (day) {
        place.textContent = day ? say("used_day", { day: day.slice(0, 10) }) : say("unused");
      });
    }).catch(function () { place.textContent = ""; });
  }

  // Filters of the portal print data-confirm and data-method; forms are real, only the question is asked here.
  document.addEventListener("submit", function (event) {
    var asked = event.target.querySelector("[data-confirm]") || event.target;
    var question = asked.dataset && asked.dataset.confirm;
    if (question && !window.confirm(question)) { event.preventDefault(); }
  });

  // The list of models: those that hold the words and can what is asked for stay.
  function find(form) {
    const cards = Array.from(document.querySelectorAll("[data-models] > [data-words]"));
    const told = document.querySelector("[data-found]");
    function choose() {
      const words = form.q.value.toLowerCase().split(/\s+/).filter(Boolean);
      const task = form.task.value;
      const can = form.can ? form.can.value : "";
      cards.forEach((card) => {
        const fits = words.every((word) => card.dataset.words.includes(word)) && (!task || card.dataset.task === task) &&
          (!can || card.dataset.can.split(" ").includes(can));
        card.hidden = !fits;
      });
      const count = cards.filter((card) => !card.hidden).length;
      told.textContent = words.length || task || can ? say("found", { count, all: cards.length }) : "";
    }
    form.hidden = false;
    form.addEventListener("input", choose);
    form.addEventListener("submit", (event) => event.preventDefault());
    choose(); // a browser fills in again what stood there
  }

  function begin(part) {
    part.querySelectorAll("[data-copy]").forEach(copyButton);
    part.querySelectorAll("[data-reveal]").forEach(reveal);
    part.querySelectorAll("[data-last-used]").forEach(lastUsed);
  }

  // The portal's session ends first, whatever becomes of the other one: that is ended at the service that one signed in with.
  document.querySelectorAll("[data-sign-out]").forEach(function (link) {
    link.addEventListener("click", function (event) {
      event.preventDefault();
      fetch(link.href, { credentials: "same-origin" }).finally(function () { window.location = link.dataset.signOut; });
    });
  });

  begin(document);
  document.querySelectorAll("[data-tabs]").forEach(tabs);
  document.querySelectorAll("[data-find]").forEach(find);
})();
