-- SPDX-License-Identifier: GPL-3.0-or-later
--- The usage that one whole event of a stream tells.

local find, gmatch, gsub, match = string.find, string.gmatch, string.gsub, string.match
local concat = table.concat
local ipairs, next, pairs, type = ipairs, next, pairs, type
local decode = require('cjson.safe').decode
local counts = require('token_counts')
local members = require('json_members')

local _M = {}

_M.WORD = '"usage"' -- what an event holds that tells its usage

local MEMBERS = { usage = true, type = true, choices = true, message = true, response = true }

--- An object that the decoder refuses, since half of a character was cut off in a text (`\ud83d`) or it is very deep: those of its
-- members that matter. Nil for what is no object alone.
local function members_of(text)
  local scanner, object = members.new(MEMBERS), {}
  scanner:feed(text)
  if not scanner.closing or find(text, '%S', scanner.closing + 1) then return nil end
  for name, found in pairs(scanner.found) do object[name] = decode(found.text) or members_of(found.text) end
  return object
end

local function object_of(text)
  local value = decode(text)
  if value == nil then return members_of(text) end
  return type(value) == 'table' and value or nil
end

--- The data of an event, line by line.
local function data_of(event)
  local lines = {}
  event = gsub(event, '^\239\187\191', '')
  for line in gmatch(event, '[^\r\n]+') do lines[#lines + 1] = match(line, '^data: ?(.*)$') end
  return lines
end

--- The last usage in an event of which only the end is known.
local function end_of(event)
  local usage = decode(match(event, '.*"usage"%s*:%s*(%b{})') or '')
  return usage and { usage = usage }
end

--- The objects that an event holds: one, in one line or several, or one in each line where a server sends no blank lines.
local function objects_in(event)
  local lines = data_of(event)
  local whole = object_of(concat(lines, '\n'))
  if whole then return { whole } end
  local objects = {}
  for _, line in ipairs(lines) do objects[#objects + 1] = object_of(line) end
  return objects
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

--- Puts the usage of an object into answer.usage (as the server sent it) and answer.begun (only the beginning told).
local function put(answer, object)
  local usage = usage_in(object)
  if not usage or not counts.of(usage) and not counts.seconds(usage) then return end
  if object.type == 'message_delta' then
    answer.usage, answer.begun = counts.merge(answer.usage, usage), false
  else
    answer.usage, answer.begun = usage, object.type == 'message_start'
  end
end

--- Puts the usage of an event into the answer; whether the event is there for its usage alone. found: where the word stands in it.
function _M.take(answer, event, found)
  if says_nothing(event, found) then return false end
  local objects = objects_in(event)
  if answer.shortened and not objects[1] then objects[1] = end_of(event) end
  for _, object in ipairs(objects) do put(answer, object) end
  return #objects == 1 and only_usage(objects[1])
end

return _M
