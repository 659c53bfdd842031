-- SPDX-License-Identifier: GPL-3.0-or-later
--- From what was seen of an exchange to the amounts that are reported. Pure.

local ceil, max = math.ceil, math.max
local find, match = string.find, string.match
local ipairs, pairs = ipairs, pairs
local counts = require('token_counts')

local _M = {}

local TOKENS_PER_SECOND = 10 -- of sound, as OpenAI counts it

local function estimated(exchange, settings, seconds)
  local prompt = settings.estimate and exchange.text_bytes and ceil(exchange.text_bytes / settings.bytes_per_token) or 0
  if seconds then prompt = seconds * TOKENS_PER_SECOND end
  local completion = exchange.writes and exchange.answer and exchange.answer:seen(settings.bytes_per_token) or 0
  if prompt + completion == 0 then prompt = 1 end -- something ran: never as nothing
  return { prompt = prompt, completion = completion, total = prompt + completion, cached = 0 }
end

--- An answer of which only the beginning told: what was seen of the rest.
local function completed(tokens, exchange, settings)
  local completion = max(tokens.completion, exchange.answer:seen(settings.bytes_per_token))
  return { prompt = tokens.prompt, completion = completion, total = tokens.prompt + completion, cached = tokens.cached }
end

--- {prompt, completion, total (weighted), cached, estimated}. exchange: {answer, text_bytes, writes, model}.
function _M.of(exchange, settings)
  local tokens, seconds, begun
  if exchange.answer then tokens, seconds, begun = exchange.answer:tokens() end
  local guessed = not tokens or begun
  if not tokens then
    tokens = estimated(exchange, settings, seconds)
  elseif begun then
    tokens = completed(tokens, exchange, settings)
  end
  local total = counts.weighted(tokens, settings.model_weights and settings.model_weights[exchange.model] or settings.weights)
  return {
    prompt = tokens.prompt, completion = tokens.completion, cached = tokens.cached, total = total,
    estimated = guessed and total or 0, requests = 1,
  }
end

--- Ids of the backends whose rules matched: 3scale names their metrics NAME.ID in the product.
function _M.backends(usage)
  local ids, known = {}, {}
  for _, metric in ipairs(usage and usage.metrics or {}) do
    local id = match(metric, '%.(%d+)$')
    if id and not known[id] then
      known[id] = true
      ids[#ids + 1] = id
    end
  end
  return ids
end

local function put_backends(usage, metric, amount, backends)
  for _, id in ipairs(backends) do usage[metric .. '.' .. id] = amount end
end

local function put(usage, metric, amount, backends)
  if not metric or amount <= 0 then return end
  usage[metric] = amount
  if not find(metric, '%.%d+$') then put_backends(usage, metric, amount, backends) end
end

local NONE = {}

--- {[metric] = amount} for the backend. backends: ids of those that the call went to.
function _M.by_metric(amounts, settings, backends)
  local usage = {}
  for kind, metric in pairs(settings.metrics) do
    put(usage, metric, amounts[kind], settings.backend_metrics and backends or NONE)
  end
  for _, entry in ipairs(settings.more) do
    local amount = amounts[entry.counts] or 0
    if entry.of ~= 'backend' then
      put(usage, entry.metric, amount, NONE)
    elseif amount > 0 then
      put_backends(usage, entry.metric, amount, backends)
    end
  end
  return usage
end

return _M
