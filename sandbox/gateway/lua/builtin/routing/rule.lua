-- SPDX-License-Identifier: GPL-3.0-or-later
--- One rule of the routing policy.

local Condition = require('gateway.condition')
local TemplateString = require('apicast.template_string')
local Upstream = require('apicast.upstream')

local _M = {}

local LEFT = {}

function LEFT.path() return function() return ngx.var.uri end end

function LEFT.header(entry)
  return function() return ngx.req.get_headers()[entry.header_name] end
end

function LEFT.query_arg(entry)
  return function() return ngx.req.get_uri_args()[entry.query_arg_name] end
end

function LEFT.jwt_claim(entry)
  return function(context) return (context.jwt or {})[entry.jwt_claim_name] end
end

function LEFT.liquid(entry)
  local template = TemplateString.new(entry.liquid_value or '', 'liquid')
  return function(context) return template:render(context) end
end

local function condition_of(entry)
  local operations = {}
  for index, operation in ipairs((entry or {}).operations or {}) do
    local left = LEFT[operation.match] or error('Thing to be matched not supported: ' .. tostring(operation.match))
    operations[index] = Condition.operation(left(operation), operation.op, operation.value, operation.value_type)
  end
  return Condition.new(operations, (entry or {}).combine_op)
end

local function given(value)
  if value ~= ngx.null and value ~= '' then return value end
end

--- A rule that is ready to be asked, or nil and why not.
function _M.new(entry)
  local upstream, err = Upstream.new(entry.url)
  if not upstream then
    return nil, 'failed to initialize upstream from url: ' .. tostring(entry.url) .. ' err: ' .. err
  end
  local path = given(entry.replace_path)
  return {
    url = entry.url,
    host_header = given(entry.host_header),
    owner_id = tonumber(entry.owner_id),
    replace_path = path and TemplateString.new(path, 'liquid'),
    condition = condition_of(entry.condition),
  }
end

--- The upstream of a rule for this request; the path is the rule's own if it replaces it.
function _M.upstream(rule, context)
  local upstream = Upstream.new(rule.url)
  upstream:use_host_header(rule.host_header or context.service.hostname_rewrite)
  upstream:set_owner_id(rule.owner_id)
  if rule.replace_path then
    upstream:append_path(rule.replace_path:render(context))
    ngx.req.set_uri('/')
  end
  return upstream
end

return _M
