-- SPDX-License-Identifier: GPL-3.0-or-later
--- Builtin `upstream`: the first rule whose expression matches the path names the server.

local balancer = require('apicast.balancer')
local Upstream = require('apicast.upstream')

local _M = require('apicast.policy').new('Upstream policy', 'builtin')
local new = _M.new

--- configuration: {rules: [{regex, url}]}.
function _M.new(configuration)
  local self = new(configuration)
  self.rules = {}
  for _, rule in ipairs((configuration or {}).rules or {}) do
    local upstream, err = Upstream.new(rule.url)
    if upstream then
      self.rules[#self.rules + 1] = rule
    else
      ngx.log(ngx.WARN, 'failed to initialize upstream from url: ', rule.url, ' err: ', err)
    end
  end
  return self
end

function _M:rewrite(context)
  local uri = ngx.var.uri
  for _, rule in ipairs(self.rules) do
    if ngx.re.match(uri, rule.regex) then
      context[self] = Upstream.new(rule.url)
      return
    end
  end
end

function _M:access(context)
  context.route_upstream = context[self] or context.route_upstream
end

function _M:content(context)
  local upstream = context[self]
  if not upstream then return nil, 'no upstream' end
  return upstream:call(context)
end

_M.balancer = balancer.call

return _M
