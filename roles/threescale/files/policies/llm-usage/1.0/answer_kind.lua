-- SPDX-License-Identifier: GPL-3.0-or-later
--- What an answer is: by its Content-Type, and by its first bytes where these say something else. Pure.

local find, match, sub = string.find, string.match, string.sub
local ipairs = ipairs

local _M = {}

local FIELDS = { 'data', 'event', 'id', 'retry' } -- of server-sent events

--- 'events', 'json', or nil.
function _M.declared(content_type)
  if find(content_type, 'text/event-stream', 1, true) then return 'events' end
  if find(content_type, 'json', 1, true) then return 'json' end
end

local function by_word(text, at)
  local word, behind = match(text, '^(%a*)()', at)
  for _, field in ipairs(FIELDS) do
    if word == field and sub(text, behind, behind) == ':' then return 'events' end
    if behind > #text and sub(field, 1, #word) == word then return nil end
  end
  return 'other'
end

--- 'events', 'json' or 'other'; nil where a text begins that could be either. text: the first of the answer, not only white space.
function _M.by_look(text)
  local at = find(text, '[^%s\239\187\191]')
  if not at then return nil end
  local first = sub(text, at, at)
  if first == '{' or first == '[' then return 'json' end
  return first == ':' and 'events' or by_word(text, at)
end

--- The kind of an answer that declares one and begins with a text; nil where more of it is needed.
function _M.of(declared, text)
  local seen = _M.by_look(text)
  if declared == 'events' then return seen == 'json' and seen or declared end
  if declared == 'json' and seen == 'other' then return declared end
  return seen
end

return _M
