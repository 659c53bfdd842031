-- SPDX-License-Identifier: GPL-3.0-or-later
--- Builtin `headers`: push, add, set or delete headers of the request (rewrite phase) and of the answer (header filter).

local TemplateString = require('apicast.template_string')

local _M = require('apicast.policy').new('Headers policy', 'builtin')
local new = _M.new

local request, response = {}, {}

local function appended(current, value)
  if value == nil then return current end
  if current == nil then return { value } end
  if type(current) ~= 'table' then current = { current } end
  current[#current + 1] = value
  return current
end

function request.push(name, value) ngx.req.set_header(name, appended(ngx.req.get_headers()[name], value)) end
function request.set(name, value) ngx.req.set_header(name, value) end
function request.delete(name) ngx.req.clear_header(name) end

function request.add(name, value)
  if ngx.req.get_headers()[name] then request.push(name, value) end
end

function response.push(name, value) ngx.header[name] = appended(ngx.header[name], value) end
function response.set(name, value) ngx.header[name] = value end
function response.delete(name) ngx.header[name] = nil end

function response.add(name, value)
  if ngx.header[name] then response.push(name, value) end
end

local function prepared(commands)
  local list = {}
  for index, command in ipairs(commands or {}) do
    list[index] = {
      op = command.op, header = command.header, template = TemplateString.new(command.value, command.value_type or 'plain'),
    }
  end
  return list
end

--- configuration: {request: [{op, header, value, value_type}], response: […]}.
function _M.new(configuration)
  local self = new(configuration)
  local config = configuration or {}
  self.request, self.response = prepared(config.request), prepared(config.response)
  return self
end

local function run(commands, operations, context)
  for _, command in ipairs(commands) do
    local value = command.op ~= 'delete' and command.template:render(context) or nil
    operations[command.op](command.header, value)
  end
end

function _M:rewrite(context)
  run(self.request, request, context)
end

function _M:header_filter(context)
  run(self.response, response, context)
end

return _M
