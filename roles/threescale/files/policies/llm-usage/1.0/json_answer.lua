-- SPDX-License-Identifier: GPL-3.0-or-later
--- An answer that is one JSON object: its usage is found as the pieces pass, wherever it stands in the object.

local setmetatable, type = setmetatable, type
local cjson = require('cjson.safe')
local counts = require('token_counts')
local members = require('json_members')

local _M = {}
local mt = { __index = _M }

local MEMBERS = { usage = true, meta = true }

function _M.new()
  return setmetatable({ scanner = members.new(MEMBERS), bytes = 0 }, mt)
end

--- Takes a piece; gives what the client gets of it.
function _M:feed(piece)
  self.bytes = self.bytes + #piece
  self.scanner:feed(piece)
  return piece
end

local function decoded(found)
  local value = found and cjson.decode(found.text)
  return type(value) == 'table' and value or nil
end

--- {prompt, …} as in token_counts, or nil; seconds of sound, if the answer is measured by them. An object that breaks off counts
-- with what it said.
function _M:tokens()
  local found = self.scanner.found
  local usage = decoded(found.usage)
  return counts.of(usage) or counts.of_meta(decoded(found.meta)), counts.seconds(usage)
end

--- Tokens that were seen, for an answer that does not tell: bytes without the object around the text.
function _M:seen(bytes_per_token)
  return math.ceil(self.bytes / bytes_per_token)
end

return _M
