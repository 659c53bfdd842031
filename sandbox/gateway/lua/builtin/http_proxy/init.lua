-- SPDX-License-Identifier: GPL-3.0-or-later
--- Builtin `http_proxy`: the proxy for an upstream's scheme.

local url_tools = require('gateway.url')
local _M = require('apicast.policy').new('http_proxy', 'builtin')
local new = _M.new

function _M.new(configuration)
  local self = new(configuration)
  local every = configuration.all_proxy
  self.proxies = { http = configuration.http_proxy or every, https = configuration.https_proxy or every }
  return self
end

function _M:rewrite(context)
  context.get_http_proxy = function(uri)
    local address = self.proxies[uri.scheme]
    return address and url_tools.parse(address)
  end
end

return _M
