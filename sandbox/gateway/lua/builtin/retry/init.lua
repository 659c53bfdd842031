-- SPDX-License-Identifier: GPL-3.0-or-later
--- Builtin `retry`: how often the upstream is tried again.

local _M = require('apicast.policy').new('Retry', 'builtin')
local new = _M.new

--- configuration: {retries}.
function _M.new(configuration)
  local self = new(configuration)
  self.retries = (configuration or {}).retries
  return self
end

function _M:export()
  return { upstream_retries = self.retries }
end

return _M
