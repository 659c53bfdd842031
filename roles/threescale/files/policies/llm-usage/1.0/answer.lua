-- SPDX-License-Identifier: GPL-3.0-or-later
--- An answer as it passes: finds out what it is (events, JSON, anything else; compressed or not) and has it read.

local ceil = math.ceil
local find, lower = string.find, string.lower
local setmetatable, type = setmetatable, type
local decode = require('cjson.safe').decode
local counts = require('token_counts')
local event_answer = require('event_answer')
local inflate = require('inflate')
local json_answer = require('json_answer')
local kinds = require('answer_kind')

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
  return ceil(self.bytes / bytes_per_token)
end

local function new_other()
  return setmetatable({ bytes = 0 }, other_mt)
end

local function first_of(value)
  if type(value) == 'table' then value = value[1] end
  return lower(value or '')
end

--- headers: {type, encoding, length, measured (tokens, as text-embeddings-inference says), metadata (JSON with the usage, as vLLM says
-- beside embeddings in binary)} of the answer, before it is sent.
-- hiding: as in event_answer. plain: whether the client gets the text that was compressed, since something is taken out of it;
-- shrinks: whether the client may get less than the model sent.
function _M.new(headers, hiding)
  local declared, encoding = kinds.declared(first_of(headers.type)), first_of(headers.encoding)
  local self = setmetatable({ declared = declared, head = '', measured = headers.measured, metadata = headers.metadata }, mt)
  local hides = hiding and declared == 'events'
  if encoding ~= '' and encoding ~= 'identity' then
    self.inflate = inflate.open(encoding)
    self.plain = self.inflate ~= nil and hides
    if not self.inflate then self.reader = new_other() end
    self.hiding = self.plain
  else
    self.hiding = hides or hiding and not headers.length -- a length that was told can't be kept then
  end
  self.shrinks = self.hiding and hides
  return self
end

local function reader_for(kind, hiding)
  if kind == 'events' then return event_answer.new(hiding) end
  return kind == 'json' and json_answer.new() or new_other()
end

--- Reads; the few bytes that don't yet tell what begins here wait for the next ones.
local function read(self, text)
  if self.reader then return self.reader:feed(text) end
  if self.head == '' and not find(text, '%S') then return text end
  text, self.head = self.head .. text, ''
  local kind = kinds.of(self.declared, text)
  if not kind then
    self.head = text
    return ''
  end
  self.reader = reader_for(kind, self.hiding)
  return self.reader:feed(text)
end

--- Reading goes on with the size alone.
local function give_up(self)
  if self.reader and self:tokens() then return end
  self.reader = new_other()
end

local function read_compressed(self, piece)
  local text = self.inflate:feed(piece)
  if not text then -- not what its header says
    self.inflate, self.plain = nil, false
    give_up(self)
    return self.reader:feed(piece)
  end
  local out = read(self, text)
  return self.plain and out or piece
end

--- What was held back when the answer ends.
local function finish(self)
  local head = self.head
  self.head = ''
  if head ~= '' then
    self.reader = new_other()
    return self.reader:feed(head)
  end
  return self.reader and self.reader.finish and self.reader:finish() or ''
end

--- Takes a piece; gives what the client gets. last: the answer ends with it.
function _M:feed(piece, last)
  if piece ~= '' then
    piece = self.inflate and read_compressed(self, piece) or read(self, piece)
  end
  if not last then return piece end
  local rest = finish(self)
  if rest == '' or self.inflate and not self.plain then return piece end
  return piece .. rest
end

--- Tokens that a header told, or nil.
local function in_headers(self)
  if self.measured then return counts.of({ total_tokens = first_of(self.measured) }) end
  local told = self.metadata and decode(first_of(self.metadata))
  return type(told) == 'table' and counts.of(told.usage) or nil
end

--- tokens (nil: not known), seconds of sound, whether only the beginning is known. As in token_counts.
function _M:tokens()
  if not self.reader then return nil end
  local tokens, seconds, begun = self.reader:tokens()
  return tokens or in_headers(self), seconds, begun
end

--- Tokens that were seen.
function _M:seen(bytes_per_token)
  return self.reader and self.reader:seen(bytes_per_token) or 0
end

--- What the client has not got of earlier pieces, for the case that reading fails.
function _M:unsent()
  return self.head .. (self.reader and self.reader.unsent and self.reader:unsent() or '')
end

return _M
