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

function _M.new()
  return setmetatable({ scanner = members.new(MEMBERS), found = {}, bytes = 0 }, mt)
end

--- Keeps what the object told that has ended, and begins with the next.
local function next_object(self)
  for name, value in pairs(self.scanner.found) do self.found[name] = value end
  self.scanner = members.new(MEMBERS)
end

--- Takes a piece; gives what the client gets of it.
function _M:feed(piece)
  self.bytes = self.bytes + #piece
  local rest = piece
  if self.scanner.closing then next_object(self) end
  self.scanner:feed(rest)
  while self.scanner.closing do
    rest = sub(rest, #rest - (self.scanner.base - self.scanner.closing) + 1)
    if not find(rest, '{', 1, true) then break end
    next_object(self)
    self.scanner:feed(rest)
  end
  return piece
end

local function decoded(found)
  local value = found and cjson.decode(found.text)
  return type(value) == 'table' and value or nil
end

--- {prompt, …} as in token_counts, or nil; seconds of sound, if the answer is measured by them. An object that breaks off counts
-- with what it said.
function _M:tokens()
  local last = self.scanner.found
  local usage = decoded(last.usage) or decoded(self.found.usage)
  return counts.of(usage) or counts.of_meta(decoded(last.meta or self.found.meta)), counts.seconds(usage)
end

--- Tokens that were seen, for an answer that does not tell: bytes without the object around the text.
function _M:seen(bytes_per_token)
  return ceil(self.bytes / bytes_per_token)
end

return _M
