-- SPDX-License-Identifier: GPL-3.0-or-later
--- An answer that is a stream of server-sent events. Pieces may be cut anywhere; an event is looked at when it is whole, and
-- decoded only if it speaks of usage. Memory: one event.

local byte, find, sub = string.byte, string.find, string.sub
local ceil, max = math.ceil, math.max
local concat = table.concat
local setmetatable = setmetatable
local counts = require('token_counts')
local event_usage = require('event_usage')

local _M = {}
local mt = { __index = _M }

local NEWLINE, COLON = 10, 58
local USAGE = event_usage.WORD
local LIMIT, KEPT = 4194304, 65536 -- bytes of an event; of a longer one only the end is kept, where its usage stands
local HELD = 65536 -- bytes of an event that may wait for its end before they go to the client
local SHORTEST = 24 -- bytes: `data: [DONE]` and events without data are no part of the answer

--- hiding: take the event with the usage out, since the client did not ask for it.
function _M.new(hiding)
  return setmetatable({
    hiding = hiding, bytes = 0, events = 0, envelope = 1 / 0,
    rest = {}, -- pieces of an event that has not ended
    size = 0,
    held = 0, -- how many bytes of it the client has not got yet
    decided = false, -- the client gets it in any case
    shortened = false, -- its beginning is forgotten
    ending = '', -- of what is there of it, where its end may have begun
  }, mt)
end

local function count_event(self, size)
  if size <= SHORTEST then return end
  self.events = self.events + 1
  if size < self.envelope then self.envelope = size end
end

--- One whole event; whether the client must not get it.
local function look_at(self, event)
  count_event(self, #event)
  local found = find(event, USAGE, 1, true)
  return found ~= nil and event_usage.take(self, event, found)
end

--- Where the event ends that begins at a position, blank line included, or nil. A return at the end of the text says nothing yet:
-- a newline may follow that belongs to it.
local function end_of_event(text, from, has_returns)
  local at = find(text, '\n\n', from, true)
  if not has_returns then return at and at + 1 end
  local first, last = find(text, '[\r\n]\r\n?', from)
  if at and not (first and first < at) then return at + 1 end
  if last and (last < #text or byte(text, last) == NEWLINE) then return last end
end

--- Whether a piece holds whole events only, none of which speaks of usage.
local function is_plain(piece)
  return byte(piece, -1) == NEWLINE and byte(piece, -2) == NEWLINE and not find(piece, USAGE, 1, true)
end

local function pass_plain(self, piece)
  local from = 1
  repeat
    local at = find(piece, '\n\n', from, true)
    if at then
      count_event(self, at + 2 - from)
      from = at + 2
    end
  until not at
  return piece
end

--- The last position of the line that begins at a position, its end included (CR, LF or both).
local function end_of_line(text, from)
  local newline, at = find(text, '\n', from, true), find(text, '\r', from, true)
  if at and not (newline and newline <= at + 1) then return at end
  return newline or #text
end

--- How many bytes of comments an event begins with; they pass even if the event does not.
local function comments(event)
  local from = 1
  while byte(event, from) == COLON do from = end_of_line(event, from) + 1 end
  return from - 1
end

--- Whether an event that has not ended may still turn out to be the one that the client must not get.
local function must_wait(self, event)
  return self.hiding and #event <= HELD and not find(event, '"choices":%s*%[%s*{')
end

local function forget(self)
  self.rest, self.size, self.held, self.decided, self.shortened = {}, 0, 0, false, false
end

--- Forgets the beginning of a very long event.
local function shorten(self)
  if self.size <= LIMIT then return end
  self.rest, self.size, self.shortened = { sub(concat(self.rest), -KEPT) }, KEPT, true
end

--- Keeps the beginning of an event; gives what the client gets of it. passed: how much of it the client has.
local function keep(self, event, passed)
  local waits = must_wait(self, event) and passed <= comments(event)
  local ready = waits and comments(event) or #event
  self.rest, self.size, self.held, self.decided = { event }, #event, #event - ready, not waits
  self.ending = sub(event, -3)
  if not waits then shorten(self) end
  return sub(event, passed + 1, ready)
end

--- What the client gets of a whole event.
local function show(self, event, passed)
  if look_at(self, event) and self.hiding and passed <= comments(event) then return sub(event, passed + 1, comments(event)) end
  return sub(event, passed + 1)
end

--- Cuts text into events; gives what the client gets. passed: bytes at its beginning that the client has already.
local function split(self, text, passed)
  local out, from = {}, 1
  local has_returns = find(text, '\r', 1, true) ~= nil
  local last = end_of_event(text, from, has_returns)
  while last do
    out[#out + 1] = show(self, sub(text, from, last), passed)
    from, passed, self.shortened = last + 1, 0, false
    last = end_of_event(text, from, has_returns)
  end
  if from <= #text then
    out[#out + 1] = keep(self, sub(text, from), passed)
  else
    forget(self)
  end
  return concat(out)
end

--- Whether the event that the client gets as it comes does not end in a piece.
local function goes_on(self, piece)
  if not self.decided then return false end
  local text = self.ending .. piece
  self.ending = sub(text, -3)
  return not end_of_event(text, 1, find(text, '\r', 1, true) ~= nil)
end

--- Takes a piece; gives what the client gets now.
function _M:feed(piece)
  self.bytes = self.bytes + #piece
  if self.size == 0 and is_plain(piece) then return pass_plain(self, piece) end
  local rest = self.rest
  rest[#rest + 1] = piece
  if goes_on(self, piece) then
    self.size = self.size + #piece
    shorten(self)
    return piece
  end
  return split(self, concat(rest), self.size - self.held)
end

--- What is still held back when the answer ends; an event at the end may lack its blank line.
function _M:finish()
  if self.size == 0 then return '' end
  local out = show(self, concat(self.rest), self.size - self.held)
  forget(self)
  return out
end

--- As json_answer; the third value: the last usage was only that of the beginning. An answer that was cut off may end with a
-- whole event that lacks its blank line.
function _M:tokens()
  if self.size > 0 then self:finish() end
  return counts.of(self.usage), counts.seconds(self.usage), self.begun
end

--- Tokens that were seen: one for each event, or more where the events are longer than their frame.
function _M:seen(bytes_per_token)
  if self.events == 0 then return 0 end
  local text = self.bytes - self.events * self.envelope
  return max(self.events, ceil(text / bytes_per_token))
end

--- What the client has not got of earlier pieces, for the case that something fails.
function _M:unsent()
  return sub(concat(self.rest), self.size - self.held + 1, self.size)
end

return _M
