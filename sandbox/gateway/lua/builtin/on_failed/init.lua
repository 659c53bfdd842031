-- SPDX-License-Identifier: GPL-3.0-or-later
--- Builtin `on_failed`: a policy that fails, or that could not be loaded, ends the request.

local _M = require('apicast.policy').new('On failed', 'builtin')
local new = _M.new

--- configuration: {error_status_code} (503 if left out). Without a configuration it can't be made, as the real one.
function _M.new(configuration)
  local self = new(configuration)
  self.status = configuration.error_status_code or ngx.HTTP_SERVICE_UNAVAILABLE
  return self
end

function _M:export()
  return {
    policy_error_callback = function(name, err)
      ngx.log(ngx.DEBUG, 'request ended since policy ', name, ' failed: ', err)
      ngx.exit(self.status)
    end,
  }
end

return _M
