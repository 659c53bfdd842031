// SPDX-License-Identifier: GPL-3.0-or-later
// Everything on the pages works without this script; it adds copying, tabs and the numbers of usage.
(function () {
  "use strict";

  function copyButton(button) {
    var source = document.querySelector(button.dataset.copy);
    if (!source || !navigator.clipboard) { return; }
    var label = button.innerHTML;
    button.hidden = false;
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(source.textContent.trim()).then(function () {
        button.textContent = "Copied";
        window.setTimeout(function () { button.innerHTML = label; }, 1500);
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

  function usage(application, metric, period) {
    var query = new URLSearchParams({ metric_name: metric, period: period, timezone: "UTC", skip_change: "true" });
    return fetch("/stats/api/applications/" + encodeURIComponent(application) + "/usage.json?" + query, {
      credentials: "same-origin",
      headers: { "X-Requested-With": "XMLHttpRequest", Accept: "application/json" }
    }).then(function (answer) {
      if (!answer.ok) { throw new Error("HTTP " + answer.status); }
      return answer.json();
    });
  }

  function refused() {
    var note = document.getElementById("usage-note");
    if (note) { note.textContent = "The numbers can't be had at the moment; please try again later."; }
  }

  function usageTable() {
    document.querySelectorAll("[data-application]").forEach(function (row) {
      row.querySelectorAll("[data-period]").forEach(function (cell) {
        usage(row.dataset.application, "hits", cell.dataset.period).then(function (found) {
          cell.textContent = Number(found.total).toLocaleString("en");
        }).catch(refused);
      });
    });
  }

  function bars(values) {
    var most = Math.max.apply(null, values.concat([1]));
    var svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 " + values.length * 4 + " 24");
    svg.setAttribute("class", "bars");
    svg.setAttribute("aria-hidden", "true");
    values.forEach(function (value, number) {
      var bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      var height = value ? Math.max(2, 24 * value / most) : 0;
      bar.setAttribute("x", number * 4);
      bar.setAttribute("y", 24 - height);
      bar.setAttribute("width", 3);
      bar.setAttribute("height", height);
      svg.appendChild(bar);
    });
    return svg;
  }

  function stats(form) {
    function load() {
      document.querySelectorAll("[data-metric]").forEach(function (row) {
        var application = form.querySelector("#stats-application").value;
        var period = form.querySelector("#stats-period").value;
        usage(application, row.dataset.metric, period).then(function (found) {
          row.querySelector("[data-total]").textContent = Number(found.total).toLocaleString("en");
          row.querySelector("[data-course]").replaceChildren(bars(found.values || []));
        }).catch(refused);
      });
    }
    form.addEventListener("change", load);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    load();
  }

  // Filters of the portal print data-confirm and data-method; forms are real, only the question is asked here.
  document.addEventListener("submit", function (event) {
    var asked = event.target.querySelector("[data-confirm]") || event.target;
    var question = asked.dataset && asked.dataset.confirm;
    if (question && !window.confirm(question)) { event.preventDefault(); }
  });

  document.querySelectorAll("[data-copy]").forEach(copyButton);
  document.querySelectorAll("[data-tabs]").forEach(tabs);
  if (document.querySelector("[data-application]")) { usageTable(); }
  var form = document.querySelector("[data-stats]");
  if (form && form.querySelector("option")) { stats(form); }
})();
