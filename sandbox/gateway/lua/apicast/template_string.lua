-- SPDX-License-Identifier: GPL-3.0-or-later
--- Texts of policy configurations: plain ones, and Liquid ones of the output kind ({{ path | filter: 'x' }}).
-- Tags ({% … %}) are not known: a text that holds one is empty, with one line in the log, as a Liquid that can't be read.

local ipairs = ipairs
local insert = table.insert
local concat = table.concat
local setmetatable = setmetatable
local tostring = tostring
local type = type
local filters = require('gateway.liquid_filters')
local linked_list = require('apicast.linked_list')

local _M = {}

local plain = {}
local plain_mt = { __index = plain }

function plain:render()
  return self.text
end

local liquid = {}
local liquid_mt = { __index = liquid }

local function request_values()
  local var = ngx.var
  return {
    uri = var.uri, host = var.host, remote_addr = var.remote_addr, remote_port = var.remote_port,
    scheme = var.scheme, server_addr = var.server_addr, server_port = var.server_port,
    headers = ngx.req.get_headers(), http_method = ngx.req.get_method(), request_id = var.request_id,
  }
end

--- Splits at a character that does not stand inside quotes.
local function split(text, mark)
  local parts, start, quote = {}, 1, nil
  for index = 1, #text do
    local char = text:sub(index, index)
    if quote then
      if char == quote then quote = nil end
    elseif char == '"' or char == "'" then
      quote = char
    elseif char == mark then
      insert(parts, text:sub(start, index - 1))
      start = index + 1
    end
  end
  insert(parts, text:sub(start))
  return parts
end

local function trim(text)
  return (text:gsub('^%s+', ''):gsub('%s+$', ''))
end

--- The value of a literal or of a path such as headers['X-User'] or original_request.path.
local function value_of(expression, values)
  local literal = expression:match('^"(.*)"$') or expression:match("^'(.*)'$")
  if literal then return literal end
  if expression:match('^%-?%d+%.?%d*$') then return tonumber(expression) end
  local value = values
  local path = expression:gsub('%[[\'"]([^\'"]+)[\'"]%]', '.%1')
  for name in path:gmatch('[^.]+') do
    if type(value) ~= 'table' then return nil end
    value = value[name]
  end
  return value
end

local function evaluate(source, values)
  local parts = split(source, '|')
  local value = value_of(trim(parts[1]), values)
  for index = 2, #parts do
    local name, arguments = trim(parts[index]):match('^([%w_]+)%s*:?%s*(.*)$')
    local given = {}
    if arguments and arguments ~= '' then
      for position, argument in ipairs(split(arguments, ',')) do
        given[position] = value_of(trim(argument), values)
      end
    end
    local filter = filters[name]
    value = filter and filter(value, given[1], given[2]) or value
  end
  if value == nil then return '' end
  if type(value) == 'table' then return concat(value, ', ') end
  return tostring(value)
end

function liquid:render(context)
  local values = linked_list.readonly(request_values(), context)
  return (self.text:gsub('{{%-?(.-)%-?}}', function(source) return evaluate(source, values) end))
end

--- kind: 'plain' or 'liquid'.
function _M.new(text, kind)
  if kind == 'liquid' then
    text = text or ''
    if text:find('{%', 1, true) then
      ngx.log(ngx.ERR, 'Invalid Liquid: ', text, ' It will be evaluated to empty string.')
      return setmetatable({ text = '' }, plain_mt)
    end
    return setmetatable({ text = text }, liquid_mt)
  elseif kind == nil or kind == 'plain' then
    return setmetatable({ text = text }, plain_mt)
  end
  return nil, 'Invalid type specified: ' .. tostring(kind)
end

return _M
