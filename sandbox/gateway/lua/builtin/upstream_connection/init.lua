-- SPDX-License-Identifier: GPL-3.0-or-later
--- Builtin `upstream_connection`: timeouts towards the upstream, in seconds.

local _M = require('apicast.policy').new('Upstream connection policy', 'builtin')
local new = _M.new

function _M.new(configuration)
  local self = new(configuration)
  local config = configuration or {}
  self.options = {
    connect_timeout = tonumber(config.connect_timeout),
    send_timeout = tonumber(config.send_timeout),
    read_timeout = tonumber(config.read_timeout),
  }
  return self
end

function _M:rewrite(context)
  context.upstream_connection_opts = self.options
end

return _M
