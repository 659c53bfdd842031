-- SPDX-License-Identifier: GPL-3.0-or-later
--- Builtin `routing`: the first rule whose condition holds names the server. The Admin API makes one of its own for products
-- with backends at paths below `/`.

local balancer = require('apicast.balancer')
local mapping = require('gateway.mapping')
local rule = require('rule')

local _M = require('apicast.policy').new('Routing policy', 'builtin')
local new = _M.new

--- configuration: {rules: [{url, host_header, owner_id, replace_path, condition: {combine_op, operations[]}}]}.
function _M.new(configuration)
  local self = new(configuration)
  self.rules = {}
  for _, entry in ipairs((configuration or {}).rules or {}) do
    local made, err = rule.new(entry)
    if made then
      self.rules[#self.rules + 1] = made
    else
      ngx.log(ngx.WARN, err)
    end
  end
  return self
end

--- Takes off the usage by rules of backends that the request does not go to.
local function clean_usage(context, usage, matched)
  local upstream = context.route_upstream
  if upstream then usage:merge(mapping.usage_of_other_owners(matched, upstream:has_owner_id())) end
end

function _M:access(context)
  context.route_upstream = nil
  for _, one in ipairs(self.rules) do
    if one.condition:evaluate(context) then
      context.route_upstream = rule.upstream(one, context)
      break
    end
  end
  context.route_upstream_usage_cleanup = clean_usage
end

function _M.content(_, context)
  local upstream = context.route_upstream
  if not upstream then return nil, 'no upstream' end
  return upstream:call(context)
end

_M.balancer = balancer.call

return _M
