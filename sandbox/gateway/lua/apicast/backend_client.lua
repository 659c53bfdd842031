-- SPDX-License-Identifier: GPL-3.0-or-later
--- The backend client under the name and with the constructor that policies know: backend_client:new(service, http_client).
-- The client to call with is always the gateway's own.

local client = require('gateway.backend_client')

local _M = setmetatable({}, { __index = client })

function _M.new(_, service)
  return client.new(service)
end

return _M
