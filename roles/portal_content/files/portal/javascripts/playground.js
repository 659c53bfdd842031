// SPDX-License-Identifier: GPL-3.0-or-later
// Tries a model from its page, with a key that is kept in this page's memory alone, and shows the request as code.
(function () {
  "use strict";

  const root = document.querySelector("[data-play]");
  const say = window.maasSay;
  if (!root || !window.fetch || !window.ReadableStream) { return; }
  root.hidden = false;
  const form = root.querySelector("form");
  const output = root.querySelector("[data-output]");
  const told = root.querySelector("[data-told]");
  const stop = root.querySelector("[data-stop]");
  const address = root.dataset.base + root.dataset.path;
  const example = JSON.parse(root.dataset.body);
  const kind = root.dataset.path.endsWith("/chat/completions") ? "chat" : root.dataset.path.endsWith("/completions") ? "completion" :
    root.dataset.path.endsWith("/embeddings") ? "embedding" : "other";
  const streamed = kind === "chat" || kind === "completion";
  let running = null;

  function lines(text) { return text.split("\n").map((line) => line.trim()).filter(Boolean); }

  function body() {
    const text = form.question.value;
    const made = Object.assign({}, example);
    if (kind === "chat") { made.messages = [{ role: "user", content: text }]; }
    if (kind === "completion") { made.prompt = text; }
    if (kind === "embedding") { made.input = text; }
    if ("inputs" in example) { made.inputs = text; }
    if ("query" in example) { made.query = text; made["texts" in example ? "texts" : "documents"] = lines(form.texts.value); }
    if (form.max_tokens) { made.max_tokens = Number(form.max_tokens.value) || 128; }
    return streamed ? Object.assign(made, { stream: true, stream_options: { include_usage: true } }) : made;
  }

  // Python writes what JSON writes but for three words, and those only outside of texts.
  function python(value) {
    return JSON.stringify(value, null, 4).replace(/"(?:[^"\\]|\\.)*"|\b(?:true|false|null)\b/g, (found) =>
      ({ true: "True", false: "False", null: "None" })[found] || found);
  }

  function code() {
    const made = body();
    const json = JSON.stringify(made);
    const texts = {
      curl: "curl --no-buffer " + address + " \\\n  -H \"Authorization: Bearer $MAAS_API_KEY\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '" + json.replace(/'/g, "\\u0027") + "'",
      python: "import os\n\nimport requests\n\nanswer = requests.post(\n    \"" + address + "\",\n    headers={\"Authorization\": \"Bearer \" + os.environ[\"MAAS_API_KEY\"]},\n    json=" + python(made).replace(/\n/g, "\n    ") + ",\n    timeout=300,\n)\nprint(answer.text)",
      javascript: "const answer = await fetch(\"" + address + "\", {\n  method: \"POST\",\n  headers: {\n    Authorization: `Bearer ${process.env.MAAS_API_KEY}`,\n    \"Content-Type\": \"application/json\",\n  },\n  body: JSON.stringify(" + JSON.stringify(made, null, 2).replace(/\n/g, "\n  ") + "),\n});\nconsole.log(await answer.text());"
    };
    Object.entries(texts).forEach(([name, text]) => { root.querySelector("#play-" + name).textContent = text; });
  }

  // One event of a stream: its text goes to the end of the output. Whether it is the last one.
  function piece(data) {
    if (data === "[DONE]") { return true; }
    const found = JSON.parse(data);
    const choice = (found.choices || [])[0];
    if (found.error) { output.textContent += "\n" + data; }
    if (choice) { output.textContent += (choice.delta ? choice.delta.content : choice.text) || ""; }
    if (found.usage) { usage(found.usage); }
    return Boolean(choice && choice.finish_reason);
  }

  function usage(found) {
    told.textContent = say("tokens", { in: found.prompt_tokens || 0, out: found.completion_tokens || 0 });
  }

  // All events of a stream; one that ends before its last event broke off, whatever its status was.
  async function read(answer) {
    const reader = answer.body.getReader();
    const decoder = new TextDecoder();
    let rest = "", ended = false;
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? "\n" : decoder.decode(value, { stream: true });
      const parts = rest.split("\n");
      rest = parts.pop();
      parts.filter((line) => line.startsWith("data:")).forEach((line) => { ended = piece(line.slice(5).trim()) || ended; });
      if (done && !ended) { throw new Error("the stream broke off"); }
      if (done) { return; }
    }
  }

  function whole(text) {
    let found;
    try { found = JSON.parse(text); } catch (error) {
      told.textContent = say("no_json");
      output.textContent = text;
      return;
    }
    const vector = kind === "embedding" && found.data && found.data[0] && found.data[0].embedding;
    output.textContent = vector ? say("numbers", { count: vector.length, first: vector.slice(0, 8).join(", ") }) : JSON.stringify(found, null, 2);
    if (found.usage) { usage(found.usage); }
  }

  async function send() {
    running = new AbortController();
    stop.hidden = false;
    output.textContent = "";
    told.textContent = say("waiting");
    let begun = false;
    try {
      const answer = await fetch(address, {
        method: "POST",
        credentials: "omit",
        headers: { Authorization: "Bearer " + form.key.value.trim(), "Content-Type": "application/json" },
        body: JSON.stringify(body()),
        signal: running.signal
      });
      begun = true;
      if (!answer.ok) {
        told.textContent = say("status", { status: answer.status });
        output.textContent = await answer.text();
      } else if ((answer.headers.get("Content-Type") || "").includes("event-stream")) {
        told.textContent = "";
        await read(answer);
      } else {
        told.textContent = "";
        whole(await answer.text());
      }
    } catch (error) {
      told.textContent = error.name === "AbortError" ? say("stopped") : say(begun ? "broken" : "unreachable");
    } finally {
      running = null;
      stop.hidden = true;
    }
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); if (!running) { send(); } });
  form.addEventListener("input", (event) => { if (event.target !== form.key) { code(); } });
  stop.addEventListener("click", () => { if (running) { running.abort(); } });
  code();
})();
