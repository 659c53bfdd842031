-- SPDX-License-Identifier: GPL-3.0-or-later
--- Builtin `websocket`: lets a connection become a WebSocket.

local _M = require('apicast.policy').new('Websocket', 'builtin')

function _M.rewrite()
  local headers = ngx.req.get_headers()
  if headers['Upgrade'] and headers['Sec-WebSocket-Key'] then ngx.var.upstream_connection_header = 'Upgrade' end
end

return _M
