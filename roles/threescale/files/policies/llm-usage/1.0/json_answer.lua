-- SPDX-License-Identifier: GPL-3.0-or-later
--- An answer that is one JSON object, or several one behind the other: its usage is found as the pieces pass, wherever it stands in
-- the object.

local ceil = math.ceil
local find, sub = string.find, string.sub
local pairs, setmetatable, type = pairs, setmetatable, type
local cjson = require('cjson.safe')
local counts = require('token_counts')
local members = require('json_members')

local _M = {}
local mt = { __index = _M }

local MEMBERS = { usage = true, meta = true }
local SMALL = 2048 -- bytes; up to there decoding the whole costs less than looking for members

function _M.new()
  return setmetatable({ scanner = members.new(MEMBERS), found = {}, bytes = 0 }, mt)
end

--- Keeps what the object told that has ended, and begins with the next.
local function next_object(self)
  for name, value in pairs(self.scanner.found) do self.found[name] = value end
  self.scanner = members.new(MEMBERS)
end

local function scan(self, piece)
  local rest = piece
  if self.scanner.closing then next_object(self) end
  self.scanner:feed(rest)
  while self.scanner.closing do
    rest = sub(rest, #rest - (self.scanner.base - self.scanner.closing) + 1)
    if not find(rest, '{', 1, true) then break end
    next_object(self)
    self.scanner:feed(rest)
  end
end

--- Takes a piece; gives what the client gets of it. A small one that may be the whole answer waits until it is known to be.
function _M:feed(piece)
  if self.bytes == 0 and #piece <= SMALL and find(piece, '}%s*$') then
    self.whole = piece
  else
    if self.whole then scan(self, self.whole) end
    self.whole = nil
    scan(self, piece)
  end
  self.bytes = self.bytes + #piece
  return piece
end

local function decoded(text)
  local value = text and cjson.decode(text)
  return type(value) == 'table' and value or nil
end

local function of_member(found)
  return decoded(found and found.text)
end

local function member(object, name)
  local value = object[name]
  return type(value) == 'table' and value or nil
end

--- {prompt, …} as in token_counts, or nil; seconds of sound, if the answer is measured by them. An object that breaks off counts
-- with what it said.
function _M:tokens()
  local usage, meta
  local object = decoded(self.whole)
  if object then
    usage, meta = member(object, 'usage'), member(object, 'meta')
  else
    if self.whole then scan(self, self.whole) end
    self.whole = nil
    local last, before = self.scanner.found, self.found
    usage, meta = of_member(last.usage) or of_member(before.usage), of_member(last.meta or before.meta)
  end
  return counts.of(usage) or counts.of_meta(meta), counts.seconds(usage)
end

--- Tokens that were seen, for an answer that does not tell: bytes without the object around the text.
function _M:seen(bytes_per_token)
  return ceil(self.bytes / bytes_per_token)
end

return _M
