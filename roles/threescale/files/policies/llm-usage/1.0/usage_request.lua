-- SPDX-License-Identifier: GPL-3.0-or-later
--- The request's body: what must be known of it, and the wish for usage put into it. Only what is put in changes; nothing is
-- encoded anew.

local find, format, gmatch, lower, match, sub = string.find, string.format, string.gmatch, string.lower, string.match, string.sub
local io, ngx, pcall, type = io, ngx, pcall, type
local cjson = require('cjson.safe')
local members = require('json_members')

local _M = {}

local MEMBERS = { model = true, stream = true, stream_options = true }
local STREAM = '"stream"'
local ASKED = '"include_usage":true'
-- What vLLM takes for true and for false beside the words themselves, as pydantic reads it; servers that don't, refuse it.
local TRUE = { ['true'] = true, ['1'] = true, ['1.0'] = true, on = true, t = true, y = true, yes = true }
local FALSE = { ['false'] = true, null = true, ['0'] = true, ['0.0'] = true, off = true, f = true, n = true, no = true }
local LARGEST = 67108864 -- bytes of a body
local MOST = 1000000 -- strings, braces and brackets of a body, which is read before the key is checked

--- The text in a file, or nil and its size where that is too much to look at.
local function file_text(path)
  local file = path and io.open(path, 'rb')
  if not file then return nil end
  local size = file:seek('end')
  local text = size <= LARGEST and file:seek('set') and file:read('*a') or nil
  file:close()
  return text, size
end

--- The body as text, from memory or from the file that nginx put it into, and its size; no text for uploads (forms with files, sound),
-- which are never read and whose size says nothing, nor for very large bodies. What is compressed looks like no JSON, whatever its
-- header says.
function _M.read()
  local kind = lower(ngx.var.content_type or '')
  if find(kind, 'multipart/', 1, true) or find(kind, '^audio/') then return nil end
  if not pcall(ngx.req.read_body) then return nil end -- an HTTP/2 request without a length, on some versions
  local body = ngx.req.get_body_data()
  if body then return body, #body end
  return file_text(ngx.req.get_body_file())
end

--- A member's text as a word of TRUE or FALSE, which stands there bare or as a string.
local function word_of(found)
  return lower(match(found.text, '^"(.*)"$') or found.text)
end

--- Whether a body may ask for a stream: most don't, and need not be looked at further.
function _M.may_stream(body)
  local _, last = find(body, STREAM, 1, true)
  while last do
    if find(body, '^%s*:%s*["t1]', last + 1) then return true end
    _, last = find(body, STREAM, last + 1, true)
  end
  return find(body, '\\u', 1, true) ~= nil -- the name may be written with escapes
end

--- The members of a body that matter here, or nil where it is no JSON object, or holds far more than a request does.
function _M.scan(body)
  local scanner = members.new(MEMBERS, MOST)
  scanner:feed(body)
  return scanner.closing and scanner or nil
end

local function put(body, first, last, text)
  return sub(body, 1, first - 1) .. text .. sub(body, last + 1)
end

local function into_options(body, options)
  if options.text == 'null' then return put(body, options.first, options.last, '{' .. ASKED .. '}') end
  local inner = members.new({ include_usage = true })
  inner:feed(options.text)
  if not inner.closing then return nil end
  local asked = inner.found.include_usage
  if not asked then
    local text = inner.members and ASKED .. ',' or ASKED
    return put(body, options.first + 1, options.first, text)
  end
  if not FALSE[word_of(asked)] then return nil end
  local base = options.first - 1
  return put(body, base + asked.first, base + asked.last, 'true')
end

--- The body of a stream's request with the wish for usage in it; nil where it is there already or the request is no stream.
-- found: as scan() gave it.
function _M.asking_for_usage(body, found)
  local stream, options = found.found.stream, found.found.stream_options
  if not stream or not TRUE[word_of(stream)] then return nil end
  if options then return into_options(body, options) end
  return put(body, found.closing, found.closing - 1, format(',"stream_options":{%s}', ASKED))
end

--- The model that the request names, or nil.
function _M.model(found)
  local model = found.found.model
  local name = model and cjson.decode('[' .. model.text .. ']')
  return name and type(name[1]) == 'string' and name[1] or nil
end

--- Bytes of text in a body: pictures and sound that stand in it in base64 are no text.
function _M.text_bytes(body)
  local bytes = #body
  if not find(body, 'base64,', 1, true) and not find(body, '"input_audio"', 1, true) then return bytes end
  for run in gmatch(body, '[%w+/]+=?=?') do
    if #run > 256 then bytes = bytes - #run end
  end
  return bytes
end

return _M
