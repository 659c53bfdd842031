-- SPDX-License-Identifier: GPL-3.0-or-later
--- Finds members of a JSON object in text that comes in pieces, without decoding it: only the object's own members count, not
-- those of objects inside, nor what stands inside a string. Memory: the values that were asked for.
--
-- What does not matter is skipped by plain searches for the next quote, brace or bracket, which cost next to nothing.

local byte, find, sub = string.byte, string.find, string.sub
local concat, huge = table.concat, math.huge
local setmetatable = setmetatable
local cjson = require('cjson.safe')

local _M = {}
local mt = { __index = _M }

local BACKSLASH = 92
local LIMIT = 262144 -- bytes of a value; a longer one is left out

--- wanted: {[name] = true}; most: after so many strings, braces and brackets it gives up (nil: never), since what a stranger sends
-- would keep the worker busy.
-- found: {[name] = {text, first, last}}, the last member of that name, positions counted from 1 over all pieces;
-- closing: position of the brace that ends the object (nil: it has not ended); members: whether there is any; failed: not an object, or
-- too much of one.
function _M.new(wanted, most)
  return setmetatable({ wanted = wanted, left = most or huge, found = {}, depth = 0, base = 0, expects = 'key' }, mt)
end

--- Whether the text from `start` to `last` ends with an odd number of backslashes. escaped: the text before `start` does.
local function is_escaped(text, start, last, escaped)
  local at = last
  while at >= start and byte(text, at) == BACKSLASH do at = at - 1 end
  local odd = (last - at) % 2 == 1
  if escaped and at < start then return not odd end
  return odd
end

--- The position of the quote that ends a string, or nil and whether the text ends with a backslash that still counts.
-- start: behind the quote that began it, or 1; escaped: the text before ended so.
local function closing_quote(text, start, escaped)
  local quote = find(text, '"', start, true)
  while quote do
    if byte(text, quote - 1) ~= BACKSLASH then
      if quote > 1 or not escaped then return quote end
    elseif (byte(text, quote - 2) == BACKSLASH or quote == 2) and not is_escaped(text, start, quote - 1, escaped) then
      return quote
    end
    quote = find(text, '"', quote + 1, true)
  end
  return nil, is_escaped(text, start, #text, escaped)
end

--- Keeps text of the value or key that is being read.
local function keep(self, text, first, last)
  if not self.parts or first > last then return end
  self.size = self.size + last - first + 1
  if self.size > LIMIT then
    self.parts = nil
  else
    self.parts[#self.parts + 1] = sub(text, first, last)
  end
end

local function start_keeping(self, position)
  self.parts, self.size, self.kept_from = {}, 0, position
end

local function end_value(self, text, first, last)
  keep(self, text, first, last)
  if self.parts and self.key then
    local value = concat(self.parts)
    local from, to = find(value, '%S') or 1, find(value, '%s*$') - 1
    self.found[self.key] = { text = sub(value, from, to), first = self.kept_from + from - 1, last = self.kept_from + to - 1 }
  end
  self.parts, self.key = nil, nil
end

local function end_key(self, text, first, last)
  keep(self, text, first, last)
  local key = self.parts and concat(self.parts) or ''
  if find(key, '\\', 1, true) then key = cjson.decode('"' .. key .. '"') or key end
  self.parts, self.members = nil, true
  self.key = self.wanted[key] and key or nil
end

--- The first quote, brace or bracket at or after a position: next positions are remembered in `marks`.
local function nearest(text, position, marks)
  local best, char = #text + 1, nil
  for index = 1, 5 do
    local mark = marks[index]
    if mark.at < position then mark.at = find(text, mark.char, position, true) or #text + 1 end
    if mark.at < best then best, char = mark.at, mark.char end
  end
  return best, char
end

-- The same for all readers: a piece is read to its end before another one begins.
local MARKS = { { char = '"' }, { char = '{' }, { char = '}' }, { char = '[' }, { char = ']' } }

local function new_marks()
  for index = 1, 5 do MARKS[index].at = 0 end
  return MARKS
end

local function top_level(self, text, position, from)
  local at = find(text, '["{}%[%],:]', position)
  if not at then return #text + 1, from end
  local char = sub(text, at, at)
  if char == '"' then
    self.quoted = true
    if self.expects == 'key' and self.depth == 1 then
      self.in_key = true
      start_keeping(self, 0)
      from = at + 1
    end
  elseif char == ':' then
    self.expects = 'value'
    if self.key then
      start_keeping(self, self.base + at + 1)
      from = at + 1
    end
  elseif char == ',' then
    end_value(self, text, from, at - 1)
    self.expects = 'key'
  elseif char == '{' or char == '[' then
    self.depth = self.depth + 1
  else
    end_value(self, text, from, at - 1)
    self.depth, self.closing = 0, self.base + at
  end
  return at + 1, from
end

local function inside_string(self, text, position, from)
  local quote, odd = closing_quote(text, position, self.escaped)
  if not quote then
    self.escaped = odd
    return #text + 1, from
  end
  self.quoted, self.escaped = false, false
  if self.in_key then
    self.in_key = false
    end_key(self, text, from, quote - 1)
  end
  return quote + 1, from
end

local function nested(self, text, position, marks)
  local at, char = nearest(text, position, marks)
  if char == '"' then
    self.quoted = true
  elseif char == '{' or char == '[' then
    self.depth = self.depth + 1
  elseif char then
    self.depth = self.depth - 1
  end
  return at + 1
end

--- Skips white space and the mark of UTF-8 before the object; nil if there is nothing else or something that is no object.
local function open_object(self, text)
  local at = find(text, '[^%s\239\187\191]')
  if not at then return nil end
  if byte(text, at) ~= 123 then
    self.failed = true
    return nil
  end
  self.depth = 1
  return at + 1
end

--- Takes the next piece of the text.
function _M:feed(text)
  local position, from, marks, left = 1, 1, nil, self.left
  if self.depth == 0 and not self.closing and not self.failed then position = open_object(self, text) end
  while position and position <= #text and self.depth > 0 and left > 0 do
    left = left - 1
    if self.quoted then
      position, from = inside_string(self, text, position, from)
    elseif self.depth == 1 then
      position, from = top_level(self, text, position, from)
    else
      marks = marks or new_marks()
      position = nested(self, text, position, marks)
    end
  end
  self.left = left
  if self.depth > 0 and left == 0 then self.failed, self.depth = true, 0 end
  if self.depth > 0 then keep(self, text, from, #text) end
  self.base = self.base + #text
end

return _M
