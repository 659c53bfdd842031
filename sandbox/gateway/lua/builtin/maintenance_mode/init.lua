-- SPDX-License-Identifier: GPL-3.0-or-later
--- Builtin `maintenance_mode`: every request gets one answer.

local _M = require('apicast.policy').new('Maintenance mode', 'builtin')
local new = _M.new

--- configuration: {status, message, message_content_type}.
function _M.new(configuration)
  local self = new(configuration)
  local config = configuration or {}
  self.status = tonumber(config.status) or 503
  self.message = config.message or 'Service Unavailable - Maintenance'
  self.media_type = config.message_content_type or 'text/plain; charset=utf-8'
  return self
end

function _M:rewrite()
  ngx.header['Content-Type'] = self.media_type
  ngx.status = self.status
  ngx.say(self.message)
  return ngx.exit(ngx.status)
end

return _M
