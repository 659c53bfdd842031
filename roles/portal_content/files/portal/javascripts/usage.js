// SPDX-License-Identifier: GPL-3.0-or-later
// The usage page: what the statistics tell a signed-in developer, as chart, tables, limits and CSV.
(function () {
  "use strict";

  const root = document.querySelector("[data-usage]");
  const say = window.maasSay;
  if (!root) { return; }
  document.querySelector("[data-without-script]").hidden = true;
  root.hidden = false;
  const { element, number, iso, label, chart, table, digits, counted, download } = window.maasDraw;
  const form = root.querySelector("[data-choice]");
  const note = root.querySelector("[data-note]");
  const HOUR = 3600e3;
  const DAY = 24 * HOUR;
  const AT_ONCE = 4; // requests to the portal at a time
  const MANY = 20; // with more applications, only what is shown is asked for
  const MEASURES = ["hits", "total_tokens", "prompt_tokens", "completion_tokens"].map((name) => [name, say(name)]);
  const CODES = ["2XX", "4XX", "5XX"]; // in small letters the answer is always 0

  const plans = new Map(Array.from(root.querySelectorAll("[data-plan]"), (item) => [item.dataset.plan, {
    plan: item.querySelector("strong").textContent,
    model: item.dataset.model,
    product: item.dataset.product,
    monthly: amount((item.querySelector("[data-monthly] [data-cost]") || {}).textContent || ""),
    currency: currencyOf(item),
    metrics: item.dataset.metrics.split(" ").filter(Boolean),
    prices: Array.from(item.querySelectorAll("[data-prices] > [data-metric]"), (price) => ({
      metric: price.dataset.metric, from: Number(price.dataset.min) || 1, to: Number(price.dataset.max) || Infinity,
      cost: amount(price.querySelector("[data-cost]").textContent)
    })),
    limits: Array.from(item.querySelectorAll("[data-limit]"), (limit) => ({
      value: Number(limit.dataset.limit), period: limit.dataset.period, metric: limit.dataset.metric, title: limit.textContent.trim()
    }))
  }]));
  const applications = Array.from(root.querySelectorAll("[data-application]"), (item) => Object.assign({
    id: item.dataset.application,
    name: item.querySelector("a").textContent,
    url: item.querySelector("a").getAttribute("href")
  }, plans.get(item.dataset.of)));
  function amount(text) { return Number(text.replace(/[^0-9.]/g, "")) || 0; } // as the server writes it: a currency, digits

  function currencyOf(item) {
    const [own, cost] = [item.querySelector("[data-currency]"), item.querySelector("[data-cost]")];
    return (own && own.dataset.currency) || (cost ? cost.textContent.replace(/[0-9.,\s]/g, "") : "");
  }

  // What has the name of something else is called by its own key too.
  function distinct(things, name, key, into) {
    const keys = new Map();
    things.forEach((one) => keys.set(one[name], (keys.get(one[name]) || new Set()).add(one[key])));
    things.forEach((one) => { one[into] = keys.get(one[name]).size > 1 ? one[name] + " (" + one[key] + ")" : one[name]; });
  }
  distinct(applications, "model", "product", "model");
  distinct(applications, "name", "id", "label");

  // --- asking -------------------------------------------------------------------------------------------------------
  let running = 0;
  const waiting = [];
  function inTurn(work) {
    return new Promise((resolve, reject) => {
      waiting.push(() => work().then(resolve, reject).finally(() => { running -= 1; next(); }));
      next();
    });
  }
  function next() {
    while (running < AT_ONCE && waiting.length) { running += 1; waiting.shift()(); }
  }

  // The statistics of one application; null where it has no such metric.
  function ask(application, kind, query) {
    const address = "/stats/api/applications/" + encodeURIComponent(application.id) + "/" + kind + ".json?" +
      new URLSearchParams(Object.assign({ timezone: "UTC", skip_change: "true" }, query));
    return inTurn(() => fetch(address, { credentials: "same-origin", headers: { Accept: "application/json" } }).then((answer) => {
      if (answer.status === 400 || answer.status === 404) { return null; }
      if (!answer.ok) { throw new Error("HTTP " + answer.status); }
      return answer.json();
    }));
  }

  // --- time, always UTC ---------------------------------------------------------------------------------------------
  function floor(time, by) {
    const at = new Date(time);
    if (by === "month" || by === "year") { return Date.UTC(at.getUTCFullYear(), by === "year" ? 0 : at.getUTCMonth()); }
    if (by === "week") { return floor(time, "day") - ((at.getUTCDay() + 6) % 7) * DAY; }
    return Math.floor(time / (by === "hour" ? HOUR : by === "minute" ? 60e3 : DAY)) * (by === "hour" ? HOUR : by === "minute" ? 60e3 : DAY);
  }
  function step(time, by, count) {
    const at = new Date(time);
    if (by === "month") { return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + count); }
    if (by === "year") { return Date.UTC(at.getUTCFullYear() + count, 0); }
    return time + count * { minute: 60e3, hour: HOUR, day: DAY, week: 7 * DAY }[by];
  }
  function earliest(until) { return step(floor(until, "month"), "month", -118); } // the server answers for ten years

  // What is chosen: since and until in milliseconds, and the length of an interval.
  function range() {
    const now = Date.now();
    const wanted = form.range.value;
    let since = { day: floor(now - 23 * HOUR, "hour"), week: floor(now - 6 * DAY, "day"), month: floor(now - 29 * DAY, "day"), year: step(floor(now, "month"), "month", -11) }[wanted];
    let until = now;
    if (wanted === "own") {
      until = Math.min(now, (Date.parse(form.to.value + "T00:00:00Z") || now) + DAY - 1000);
      since = Math.max(earliest(until), Date.parse(form.from.value + "T00:00:00Z") || floor(now - 6 * DAY, "day"));
      if (until < since) { until = since + DAY - 1000; }
    }
    const days = (until - since) / DAY;
    const fits = { hour: days <= 31, day: days >= 1 && days < 365, month: days > 31 };
    Array.from(form.by.options).forEach((option) => { option.disabled = !fits[option.value]; });
    if (!fits[form.by.value]) { form.by.value = ["hour", "day", "month"].find((by) => fits[by]); }
    const by = form.by.value;
    since = floor(since, by);
    const times = [];
    for (let time = since; time <= until; time = step(time, by, 1)) { times.push(time); }
    return { since, until, by, times };
  }

  // --- limits: what is used since the period began, which the backend counts by the clock of UTC ---------------------
  function limits(chosen) {
    const place = root.querySelector("[data-limits]");
    const now = Date.now();
    const cards = chosen.slice(0, MANY).map((application) => {
      const list = element("ul", { class: "plain" }, application.limits.map((limit) => limitItem(application, limit, now)));
      return element("div", { class: "card" }, [
        element("h3", { class: "card-title plain-title" }, element("a", { href: application.url }, application.name)),
        element("p", { class: "quiet-text" }, application.model + ", " + application.plan),
        application.limits.length ? list : element("p", {}, say("no_limits")),
        ...(priced(application) ? [cost(application, now)] : [])
      ]);
    });
    place.replaceChildren(...cards);
    costs.hidden = !chosen.some(priced);
    if (chosen.length > MANY) { place.append(element("p", { class: "quiet-text" }, say("choose"))); }
  }

  const priced = (application) => application.prices.length > 0 || application.monthly > 0;
  const money = (application, value, most) => (application.currency + " " + value.toLocaleString(window.maasLanguage, { minimumFractionDigits: 2, maximumFractionDigits: most })).trim();

  // What a month's calls cost so far, by metrics: each unit by the price that its number in the month has.
  function items(application, now) {
    const span = { since: iso(floor(now, "month")), until: iso(floor(now, "minute")), granularity: "day" };
    const metrics = Array.from(new Set(application.prices.map((price) => price.metric)));
    return Promise.all(metrics.map((metric) => ask(application, "usage", Object.assign({ metric_name: metric }, span)))).then((found) => metrics.map((item, place) => {
      const units = Number((found[place] || {}).total || 0);
      const each = application.prices.filter((price) => price.metric === item);
      return { item, units, cost: each.reduce((sum, price) => sum + price.cost * Math.max(0, Math.min(units, price.to) - price.from + 1), 0) };
    }));
  }

  function cost(application, now) {
    const told = element("p", { "data-cost-of": application.id }, "");
    items(application, now).then((found) => {
      const total = found.reduce((sum, one) => sum + one.cost, application.monthly);
      const fee = application.monthly ? " " + say("cost_monthly", { fee: money(application, application.monthly, 2) }) : "";
      told.textContent = say("cost", { count: money(application, total, 4) }) + fee;
    }).catch(refused);
    return told;
  }

  // One line for each of what a month costs; a month's fee is one unit.
  function downloadCosts() {
    const now = Date.now();
    const month = label(now, "month");
    const wanted = chosenApplications().filter(priced);
    Promise.all(wanted.map((application) => items(application, now))).then((found) => {
      const lines = [["month", "application", "model", "product", "plan", "item", "units", "cost", "currency"]];
      wanted.forEach((one, place) => [...(one.monthly ? [{ item: "monthly_fee", units: 1, cost: one.monthly }] : []), ...found[place]].forEach((row) =>
        lines.push([month, one.name, one.model, one.product, one.plan, row.item, row.units, Number(row.cost.toFixed(4)), one.currency])));
      download(lines, "costs-" + month + ".csv");
    }).catch(refused);
  }

  function limitItem(application, limit, now) {
    const ever = limit.period === "eternity";
    const given = { count: number(limit.value), what: limit.title, period: ever ? "" : say("by_" + limit.period) };
    const words = say(ever ? "in_all" : "per", given);
    const told = element("span", { class: "limit-used" });
    const item = element("li", { "data-metric": limit.metric }, [element("strong", {}, limit.value ? words : say("closed", { what: limit.title })), element("br"), told]);
    if (!limit.value) { return item; }
    const since = ever ? earliest(now) : floor(now, limit.period);
    const anew = ever ? "" : " " + say("anew", { time: label(step(since, limit.period, 1), "hour") });
    if (limit.period === "minute") { told.textContent = say("anew_minute"); return item; }
    const by = { hour: "hour", day: "hour", week: "day", month: "day", year: "month", eternity: "month" }[limit.period];
    ask(application, "usage", { metric_name: limit.metric, since: iso(since), until: iso(floor(now, "minute")), granularity: by }).then((found) => {
      if (!found) { told.textContent = anew.trim(); return; }
      const used = Number(found.total);
      const share = Math.floor(100 * used / limit.value); // 100 means that nothing is left
      told.append(element("meter", { min: 0, max: limit.value, high: 0.8 * limit.value, value: Math.min(used, limit.value), "aria-label": say("used_label", { what: limit.title }) }));
      if (used >= limit.value) { told.append(element("span", { class: "badge bad" }, say("reached"))); }
      told.append(" " + say("used", { count: number(used), all: number(limit.value), share }) + anew);
    }).catch(refused);
    return item;
  }

  // --- the page -----------------------------------------------------------------------------------------------
  const costs = root.querySelector("[data-cost-csv]");
  let shown = null; // what the CSV holds
  let turn = 0;

  function chosenApplications() {
    return applications.filter((one) => !form.application.value || one.id === form.application.value);
  }

  function refused() {
    note.textContent = say("refused");
  }

  function load() {
    const mine = turn += 1;
    const chosen = range();
    const wanted = chosenApplications();
    const [metric, title] = MEASURES.find((one) => one[0] === form.measure.value);
    root.querySelectorAll("[data-own]").forEach((field) => { field.hidden = form.range.value !== "own"; });
    const span = { since: iso(chosen.since), until: iso(floor(chosen.until, "minute")), granularity: chosen.by };
    const measures = wanted.length > MANY ? [[metric, title]] : MEASURES;
    note.textContent = say("asking");
    waiting.length = 0;
    const asked = wanted.map((application) => Promise.all([
      Promise.all(measures.map((one) => application.metrics.length && !application.metrics.includes(one[0]) ? null : ask(application, "usage", Object.assign({ metric_name: one[0] }, span)))),
      Promise.all(wanted.length > MANY ? [] : CODES.map((code) => ask(application, "usage_response_code", Object.assign({ response_code: code }, span))))
    ]).then(([found, codes]) => ({ application, found, codes })));
    limits(wanted);
    Promise.all(asked).then((rows) => {
      if (mine !== turn) { return; }
      note.textContent = "";
      shown = { chosen, measures, metric, title, rows, at: measures.findIndex((one) => one[0] === metric) };
      draw(shown);
    }).catch(refused);
  }

  // One series for each product, whatever it is called.
  function seriesOf(what) {
    const products = new Map();
    what.rows.forEach((row) => {
      const one = products.get(row.application.product) || { name: row.application.model, values: what.chosen.times.map(() => 0) };
      ((row.found[what.at] || {}).values || []).slice(0, one.values.length).forEach((value, place) => { one.values[place] += Number(value); });
      products.set(row.application.product, one);
    });
    return Array.from(products.values());
  }

  function draw(what) {
    const measures = what.measures;
    const series = seriesOf(what);
    chart(root.querySelector("[data-chart]"), what.chosen, series, what.title);
    const head = [say("time"), ...series.map((one) => counted(one.name))];
    const lines = what.chosen.times.map((time, place) => [label(time, what.chosen.by), ...series.map((one) => digits(one.values[place]))]);
    root.querySelector("[data-table]").replaceChildren(table(head, lines, say("table", { what: what.title, period: say("by_" + what.chosen.by) })));
    const errors = (row) => row.codes.some((code) => code && Number(code.total)) ? row.codes.slice(1).reduce((sum, code) => sum + Number((code || {}).total || 0), 0) : null;
    const sums = what.rows.map((row) => [
      { content: element("a", { href: row.application.url }, row.application.name) },
      row.application.model,
      ...measures.map((one, place) => digits(row.found[place] ? row.found[place].total : null, { "data-measure": one[0] })),
      ...(row.codes.length ? [digits(errors(row), { "data-measure": "errors" })] : [])
    ]);
    const titles = [say("application"), say("model"), ...measures.map((one) => counted(one[1])), ...(what.rows.some((row) => row.codes.length) ? [counted(say("errors"))] : [])];
    root.querySelector("[data-sums]").replaceChildren(table(titles, sums, say("sums", { since: label(what.chosen.since, "hour"), until: label(what.chosen.until, "hour") })));
  }

  function downloadUsage() {
    if (!shown) { return; }
    const lines = [["time", "application", "model", "product", "metric", "value"]];
    shown.rows.forEach(({ application, found }) => {
      const values = (found[shown.at] || {}).values || [];
      shown.chosen.times.forEach((time, place) => lines.push([iso(time), application.name, application.model, application.product, shown.metric, values[place] || 0]));
    });
    download(lines, "usage-" + shown.metric + "-" + label(shown.chosen.since, "day") + ".csv");
  }

  applications.forEach((one) => form.application.append(element("option", { value: one.id }, one.label)));
  const asked = new URLSearchParams(window.location.search).get("application");
  if (applications.some((one) => one.id === asked)) { form.application.value = asked; }
  form.addEventListener("change", load);
  form.addEventListener("submit", (event) => event.preventDefault());
  root.querySelector("[data-csv]").addEventListener("click", downloadUsage);
  costs.addEventListener("click", downloadCosts);
  window.addEventListener("resize", () => { if (shown) { draw(shown); } });
  load();
})();
