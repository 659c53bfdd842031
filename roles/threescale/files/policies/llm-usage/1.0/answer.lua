-- SPDX-License-Identifier: GPL-3.0-or-later
--- An answer as it passes: finds out what it is (events, JSON, anything else; compressed or not) and has it read.

local find, lower = string.find, string.lower
local setmetatable, tonumber, type = setmetatable, tonumber, type
local event_answer = require('event_answer')
local inflate = require('inflate')
local json_answer = require('json_answer')

local _M = {}
local mt = { __index = _M }

--- Text and everything else: only its size is known.
local other = {}
local other_mt = { __index = other }

function other:feed(piece)
  self.bytes = self.bytes + #piece
  return piece
end

function other:tokens() return nil end -- luacheck: no unused

function other:seen(bytes_per_token)
  return math.ceil(self.bytes / bytes_per_token)
end

local function new_other()
  return setmetatable({ bytes = 0 }, other_mt)
end

local function first_of(value)
  if type(value) == 'table' then value = value[1] end
  return lower(value or '')
end

local function reader_for(kind, hiding)
  if find(kind, 'text/event-stream', 1, true) then return event_answer.new(hiding) end
  if find(kind, 'json', 1, true) then return json_answer.new() end
end

--- By its first bytes, for servers that don't say what they send.
local function reader_by_look(piece, hiding)
  if find(piece, '^%s*{') then return json_answer.new() end
  if find(piece, '^%s*data:') or find(piece, '^%s*event:') or find(piece, '^:') then return event_answer.new(hiding) end
  return new_other()
end

--- headers: those of the answer, before it is sent. hiding: as in event_answer.
-- plain: whether the client gets the text that was compressed, since something is taken out of it.
function _M.new(headers, hiding)
  local kind, encoding = first_of(headers['content-type']), first_of(headers['content-encoding'])
  local self = setmetatable({ hiding = hiding, reader = reader_for(kind, hiding) }, mt)
  self.measured = tonumber(first_of(headers['x-compute-tokens'])) -- text-embeddings-inference says it there
  if encoding ~= '' and encoding ~= 'identity' then
    self.inflate = (encoding == 'gzip' or encoding == 'x-gzip' or encoding == 'deflate') and inflate.open() or nil
    self.plain = self.inflate ~= nil and hiding and find(kind, 'text/event-stream', 1, true) ~= nil
    if not self.inflate then self.reader = new_other() end
  end
  return self
end

local function read(self, text)
  if text == '' then return '' end
  self.reader = self.reader or reader_by_look(text, self.hiding)
  return self.reader:feed(text)
end

local function read_compressed(self, piece)
  local text = self.inflate:feed(piece)
  if not text then -- not what its header says
    self.inflate, self.plain = nil, false
    if not self:tokens() then self.reader = new_other() end
    return self.reader:feed(piece)
  end
  local out = read(self, text)
  return self.plain and out or piece
end

--- Takes a piece; gives what the client gets. last: the answer ends with it.
function _M:feed(piece, last)
  if piece ~= '' then
    piece = self.inflate and read_compressed(self, piece) or read(self, piece)
  end
  if not last or not self.reader or not self.reader.finish then return piece end
  local rest = self.reader:finish()
  return (self.plain or not self.inflate) and piece .. rest or piece
end

--- tokens (nil: not known), seconds of sound, whether only the beginning is known. As in token_counts.
function _M:tokens()
  if not self.reader then return nil end
  local tokens, seconds, begun = self.reader:tokens()
  if not tokens and self.measured then
    tokens = { prompt = self.measured, completion = 0, total = self.measured, cached = 0 }
  end
  return tokens, seconds, begun
end

--- Tokens that were seen.
function _M:seen(bytes_per_token)
  return self.reader and self.reader:seen(bytes_per_token) or 0
end

--- Whether the client may get less than the model sent.
function _M:may_shrink()
  return self.hiding and (self.plain or self.reader ~= nil and self.reader.hiding == true)
end

--- What the client has not got of earlier pieces, for the case that reading fails.
function _M:unsent()
  return self.reader and self.reader.unsent and self.reader:unsent() or ''
end

return _M
