// SPDX-License-Identifier: GPL-3.0-or-later
// OpenAI's client as its users run it. Argument: {several, granite (addresses), key, small}; prints what it met, as JSON.
import OpenAI from 'openai';

const told = JSON.parse(process.argv[2]);
const messages = [{ role: 'user', content: 'What is a quota?' }];
const sent = new Set();

function client(baseURL, apiKey) {
  const fetch = (url, init) => {
    for (const name of new Headers(init.headers).keys()) sent.add(name);
    return globalThis.fetch(url, init);
  };
  return new OpenAI({ baseURL, apiKey, fetch, maxRetries: 0 });
}

async function error(call) {
  try {
    await call();
    return null;
  } catch (met) {
    return { name: met.constructor.name, status: met.status, code: met.code, message: met.message,
             retry: met.headers?.get('retry-after') ?? null };
  }
}

async function streamed(openai) {
  let text = '';
  let usage = null;
  for await (const chunk of await openai.chat.completions.create({ model: 'granite', messages, stream: true })) {
    text += chunk.choices[0]?.delta?.content ?? '';
    usage = chunk.usage ?? usage;
  }
  return { text, usage };
}

const openai = client(told.several, told.key);
const found = {};
const chat = await openai.chat.completions.create({ model: 'granite', messages });
found.chat = { text: chat.choices[0].message.content, tokens: chat.usage.total_tokens };
found.stream = await streamed(openai);
const parameters = { type: 'object', properties: { city: { type: 'string' } } };
const tools = [{ type: 'function', function: { name: 'weather', parameters } }];
const called = await openai.chat.completions.create({ model: 'granite', messages, tools });
found.tool = called.choices[0].message.tool_calls[0].function;
const schema = { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'], additionalProperties: false };
const shaped = await openai.chat.completions.create({
  model: 'granite', messages, response_format: { type: 'json_schema', json_schema: { name: 'reply', schema, strict: true } },
});
found.json = JSON.parse(shaped.choices[0].message.content);
const vectors = await openai.embeddings.create({ model: 'nomic', input: ['one', 'two'] });
found.embeddings = vectors.data.map((item) => item.embedding.length);
found.models = [];
for await (const model of openai.models.list()) found.models.push(model.id);
found.retrieved = (await openai.models.retrieve('nomic')).id;
found.wrongKey = await error(() => client(told.several, 'sk-maas-wrong').models.list());
found.unknownModel = await error(() => openai.chat.completions.create({ model: 'gpt-4o', messages }));
found.unknownPath = await error(() => client(told.granite.replace(/\/v1$/, ''), told.key).models.list());
const small = client(told.several, told.small);
for (let call = 0; call < 6 && !found.overQuota; call += 1) {
  found.overQuota = await error(() => small.chat.completions.create({ model: 'granite', messages }));
}
found.sent = [...sent].sort();
console.log(JSON.stringify(found));
