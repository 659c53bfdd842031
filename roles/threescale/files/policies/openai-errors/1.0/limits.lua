-- SPDX-License-Identifier: GPL-3.0-or-later
--- x-ratelimit-… headers: what the backend said about a key's limits, with this answer or with the last one. A worker remembers
-- it for as long as the limit's period.

local ceil, floor, max = math.ceil, math.floor, math.max
local format = string.format
local ngx = ngx
local lrucache = require('resty.lrucache')

local _M = {}

local REMEMBERED = 10000
local FRESH = 10 -- seconds
local known = lrucache.new(REMEMBERED)

--- Seconds as OpenAI writes them, such as 6m0s.
local function duration(seconds)
  seconds = max(ceil(seconds), 0)
  local hours, minutes = floor(seconds / 3600), floor(seconds / 60) % 60
  if hours > 0 then return format('%dh%dm%ds', hours, minutes, seconds % 60) end
  if minutes > 0 then return format('%dm%ds', minutes, seconds % 60) end
  return format('%ds', seconds)
end

--- kind: 'requests' or 'tokens'; key: of the product's client; said: {max, remaining, reset (seconds; below 0: never)}.
function _M.remember(kind, key, said)
  if not said.max or not said.remaining or said.remaining < 0 then return end
  local seconds = said.reset and said.reset >= 0 and max(said.reset, 1) or nil
  local now = ngx.now()
  known:set(kind .. key, { max = said.max, remaining = said.remaining, asked = now, ends = seconds and now + seconds }, seconds)
end

local function is_of(kind, key, said)
  local before = known:get(kind .. key)
  return before ~= nil and before.max == said.max
end

--- Which kind an answer of the backend speaks of, which names the tightest limit and not its metric; nil: it can't be told.
-- A call that asks for tokens with 0 hears of their limit only when nothing is left of it. has_tokens: whether it did.
function _M.kind_of(key, said, has_tokens)
  if not has_tokens or said.remaining ~= 0 then return 'requests' end
  local tokens, requests = is_of('tokens', key, said), is_of('requests', key, said)
  if tokens == requests then return nil end
  return tokens and 'tokens' or 'requests'
end

--- Takes off what has been used since.
function _M.spend(kind, key, amount)
  local said = known:get(kind .. key)
  if said then said.remaining = said.remaining - amount end
end

--- Whether the backend said it only a moment ago.
function _M.is_fresh(kind, key)
  local said = known:get(kind .. key)
  return said ~= nil and ngx.now() - said.asked < FRESH
end

--- Sets the headers of one kind, if anything is known. spent: what has gone since the backend said it.
function _M.show(kind, key, spent)
  local said = known:get(kind .. key)
  if not said then return end
  ngx.header['x-ratelimit-limit-' .. kind] = said.max
  ngx.header['x-ratelimit-remaining-' .. kind] = max(said.remaining - spent, 0)
  if said.ends then ngx.header['x-ratelimit-reset-' .. kind] = duration(said.ends - ngx.now()) end
end

return _M
