-- SPDX-License-Identifier: GPL-3.0-or-later
--- Builtin `url_rewriting`: changes of the path by expressions, and of query arguments.

local TemplateString = require('apicast.template_string')

local _M = require('apicast.policy').new('URL rewriting policy', 'builtin')
local new = _M.new

local SUBSTITUTE = { sub = ngx.re.sub, gsub = ngx.re.gsub }
local ARGUMENTS = {}

function ARGUMENTS.set(arguments, name, value) arguments[name] = value end
function ARGUMENTS.delete(arguments, name) arguments[name] = nil end

function ARGUMENTS.push(arguments, name, value)
  local current = arguments[name]
  if type(current) == 'table' then
    current[#current + 1] = value
  else
    arguments[name] = current and { current, value } or value
  end
end

function ARGUMENTS.add(arguments, name, value)
  if arguments[name] then ARGUMENTS.push(arguments, name, value) end
end

--- configuration: {commands: [{op, regex, replace, options, break, methods}], query_args_commands: [{op, arg, value}]}.
function _M.new(configuration)
  local self = new(configuration)
  self.commands = (configuration or {}).commands or {}
  self.arguments = {}
  for index, command in ipairs((configuration or {}).query_args_commands or {}) do
    self.arguments[index] = {
      op = command.op, arg = command.arg, methods = command.methods,
      value = command.value and TemplateString.new(command.value, command.value_type or 'plain'),
    }
  end
  return self
end

local function for_this_method(methods)
  if not methods or #methods == 0 then return true end
  for _, method in ipairs(methods) do
    if method == ngx.req.get_method() then return true end
  end
  return false
end

local function rewrite_path(command)
  local substitute = SUBSTITUTE[command.op]
  if not substitute then
    ngx.log(ngx.WARN, 'Unknown URL rewrite operation: ', command.op)
    return false
  end
  local uri, times, err = substitute(ngx.var.uri, command.regex, command.replace, command.options or '')
  if not uri then
    ngx.log(ngx.WARN, 'There was an error applying the regex: ', err)
    return false
  end
  if times > 0 then ngx.req.set_uri(uri) end
  return times > 0
end

function _M:rewrite(context)
  for _, command in ipairs(self.commands) do
    if for_this_method(command.methods) and rewrite_path(command) and command['break'] then break end
  end
  if #self.arguments == 0 then return end
  local arguments = ngx.req.get_uri_args()
  for _, command in ipairs(self.arguments) do
    if for_this_method(command.methods) and ARGUMENTS[command.op] then
      ARGUMENTS[command.op](arguments, command.arg, command.value and command.value:render(context))
    end
  end
  ngx.req.set_uri_args(arguments)
end

return _M
