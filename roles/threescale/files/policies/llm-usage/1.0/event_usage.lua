-- SPDX-License-Identifier: GPL-3.0-or-later
--- The usage that one whole event of a stream tells.

local find, gsub = string.find, string.gsub
local concat = table.concat
local next, type = next, type
local cjson = require('cjson.safe')
local counts = require('token_counts')

local _M = {}

_M.WORD = '"usage"' -- what an event holds that tells its usage

local function decoded(event)
  local lines = {}
  event = gsub(event, '^\239\187\191', '')
  for line in event:gmatch('[^\r\n]+') do
    local data = line:match('^data: ?(.*)$')
    if data then lines[#lines + 1] = data end
  end
  local value = cjson.decode(concat(lines, '\n'))
  return type(value) == 'table' and value or nil
end

local function table_in(value, name)
  local inner = value[name]
  return type(inner) == 'table' and inner or nil
end

--- The usage that an event holds: its own, or that of the message (Anthropic) or response (OpenAI) in it.
local function usage_in(value)
  local message = table_in(value, 'message') or table_in(value, 'response')
  return table_in(value, 'usage') or message and table_in(message, 'usage')
end

--- Whether there is nothing else in the event.
local function only_usage(value)
  local choices = table_in(value, 'choices')
  return choices ~= nil and next(choices) == nil and table_in(value, 'usage') ~= nil
end

--- Whether the word found in an event stands there once, with null behind it, as in all events of a stream but the last.
local function says_nothing(event, found)
  local behind = found + #_M.WORD
  return find(event, '^%s*:%s*null', behind) and not find(event, _M.WORD, behind, true)
end

--- Puts the usage of an event into answer.usage (as the server sent it) and answer.begun (only the beginning told); whether the
-- event is there for its usage alone. found: where the word stands in it.
function _M.take(answer, event, found)
  if says_nothing(event, found) then return false end
  local value = decoded(event)
  local usage = value and usage_in(value)
  if not usage then return false end
  if not counts.of(usage) and not counts.seconds(usage) then return only_usage(value) end
  if value.type == 'message_delta' then
    answer.usage, answer.begun = counts.merge(answer.usage, usage), false
  else
    answer.usage, answer.begun = usage, value.type == 'message_start'
  end
  return only_usage(value)
end

return _M
