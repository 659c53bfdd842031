-- SPDX-License-Identifier: GPL-3.0-or-later
--- The model that a request names in its body, JSON or a form with files, and another name in its place. Nothing else of the body
-- changes.

local find, lower, sub = string.find, string.lower, string.sub
local io, ngx, pcall, type = io, ngx, pcall, type
local cjson = require('cjson.safe')
local members = require('json_members')
local multipart = require('multipart_field')

local _M = {}

local CHUNK = 1048576
local MOST = 1000000 -- strings, braces and brackets of a body, which is read before the key is checked

--- A function that gives the body's chunks, from memory or from the file that nginx put it into.
local function chunks()
  local body = ngx.req.get_body_data()
  if body then
    return function()
      local whole = body
      body = nil
      return whole
    end
  end
  local path = ngx.req.get_body_file()
  local file = path and io.open(path, 'rb')
  return function()
    if not file then return nil end
    local chunk = file:read(CHUNK)
    if not chunk then
      file:close()
      file = nil
    end
    return chunk
  end
end

local function in_json()
  local scanner = members.new({ model = true }, MOST)
  for chunk in chunks() do
    scanner:feed(chunk)
    if scanner.failed then return nil end
  end
  local found = scanner.closing and scanner.found.model
  local value = found and cjson.decode('[' .. found.text .. ']')
  if not value or type(value[1]) ~= 'string' then return nil end
  return { name = value[1], first = found.first, last = found.last, encode = cjson.encode }
end

local function as_it_is(name)
  return name
end

local function in_form(boundary)
  local name, first, last = multipart.find(chunks(), boundary, 'model')
  return name and { name = name, first = first, last = last, encode = as_it_is }
end

--- {name, first, last, encode} of the model in the body, or nil.
function _M.find()
  if not pcall(ngx.req.read_body) then return nil end -- an HTTP/2 request without a length, on some versions
  local kind = ngx.var.content_type or ''
  local boundary = multipart.boundary(kind)
  if boundary then return in_form(boundary) end
  if find(lower(kind), '^multipart/') then return nil end
  return in_json()
end

--- Puts another name into the body in place of the one found.
function _M.replace(found, name)
  local parts = {}
  for chunk in chunks() do parts[#parts + 1] = chunk end
  local body = table.concat(parts)
  ngx.req.set_body_data(sub(body, 1, found.first - 1) .. found.encode(name) .. sub(body, found.last + 1))
end

return _M
