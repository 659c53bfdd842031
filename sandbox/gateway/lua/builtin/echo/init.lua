-- SPDX-License-Identifier: GPL-3.0-or-later
--- Builtin `echo`: answers with the request line.

local cjson = require('cjson.safe')

local _M = require('apicast.policy').new('Echo Policy', 'builtin')
local new = _M.new

--- configuration: {status, exit: 'request' | 'phase'}.
function _M.new(configuration)
  local self = new(configuration)
  local config = configuration or {}
  self.status, self.exit = tonumber(config.status), config.exit
  return self
end

function _M:rewrite()
  if self.status then ngx.status = self.status end
  if self.exit == 'request' then return ngx.exit(ngx.status) end
  if self.exit == 'phase' then return ngx.exit(0) end
end

function _M.content()
  local line = ngx.var.request
  ngx.say(ngx.var.http_accept == 'application/json' and cjson.encode({ request = line }) or line)
end

return _M
