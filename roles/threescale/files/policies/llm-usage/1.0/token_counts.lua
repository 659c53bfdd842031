-- SPDX-License-Identifier: GPL-3.0-or-later
--- What a model server says about the tokens of an answer, in one form for all kinds of APIs. Pure.

local ceil, max, min = math.ceil, math.max, math.min
local pairs, tonumber, type = pairs, tonumber, type

local _M = {}

local NONSENSE = 1e9 -- tokens; no answer has so many, and the backend's counters must not see them

--- A count as a whole number, or nil: negative, not a number, nonsense. Texts are read, fractions rounded up.
local function count(value)
  if type(value) == 'string' then value = tonumber(value) end
  if type(value) ~= 'number' or value ~= value or value < 0 or value > NONSENSE then return nil end
  return ceil(value)
end

local function member(value, name)
  if type(value) == 'table' then return value[name] end
end

local function cached_tokens(usage)
  return count(member(usage.prompt_tokens_details, 'cached_tokens'))
    or count(member(usage.input_tokens_details, 'cached_tokens'))
    or count(member(usage.input_token_details, 'cached_tokens'))
    or count(usage.prompt_cache_hit_tokens)
    or count(usage.cache_read_input_tokens) or 0
end

--- Tokens of the request that stand beside input_tokens: Anthropic leaves the cached ones out of them. Its usage has no total;
-- the others, also those that give Anthropic's numbers in addition, count them in.
local function beside_input(usage)
  if count(usage.prompt_tokens) or count(usage.total_tokens) or type(usage.input_tokens_details) == 'table' then return 0 end
  return (count(usage.cache_read_input_tokens) or 0) + (count(usage.cache_creation_input_tokens) or 0)
end

--- {prompt, completion, total, cached} of an object as servers send it (usage of OpenAI, Anthropic, rerankers), or nil where it
-- has no count that can be used; nothing but zeros is what servers say that do not count.
function _M.of(usage)
  if type(usage) ~= 'table' then return nil end
  local prompt = count(usage.prompt_tokens) or count(usage.input_tokens)
  local completion = count(usage.completion_tokens) or count(usage.output_tokens)
  local total = count(usage.total_tokens)
  local parts = (prompt or 0) + (completion or 0)
  if parts + (total or 0) == 0 then return nil end
  if total == 0 then total = nil end
  if parts == 0 then prompt, completion = nil, nil end

  if prompt then prompt = prompt + beside_input(usage) end
  prompt = prompt or max((total or 0) - (completion or 0), 0)
  completion = completion or max((total or 0) - prompt, 0)
  return {
    prompt = prompt, completion = completion, total = total or prompt + completion,
    cached = min(cached_tokens(usage), prompt),
  }
end

--- The usage of rerankers of Cohere's kind, which stands in `meta`.
function _M.of_meta(meta)
  return _M.of(member(meta, 'billed_units')) or _M.of(member(meta, 'tokens'))
end

--- Seconds of sound, where a transcription is measured by them.
function _M.seconds(usage)
  if member(usage, 'type') ~= 'duration' then return nil end
  return count(usage.seconds)
end

--- A later object of the same answer over an earlier one, member by member. Its counts are those since the beginning, so that a
-- smaller one is not true: some servers send a 0 for what the earlier object told.
function _M.merge(earlier, later)
  local merged = {}
  for name, value in pairs(earlier or {}) do merged[name] = value end
  for name, value in pairs(later) do
    local counted = count(value)
    if type(value) ~= 'userdata' and not (counted and counted < (count(merged[name]) or 0)) then merged[name] = value end
  end
  return merged
end

--- The total with weights {input, output, cached (nil: as input)}; rounded up, so that no token is lost.
function _M.weighted(tokens, weights)
  local input, output = weights.input or 1, weights.output or 1
  local cached = weights.cached or input
  if input == 1 and output == 1 and cached == 1 then return tokens.total end
  local produced = max(tokens.total - tokens.prompt, tokens.completion)
  local sum = (tokens.prompt - tokens.cached) * input + tokens.cached * cached + produced * output
  return ceil(sum - 1e-9)
end

return _M
