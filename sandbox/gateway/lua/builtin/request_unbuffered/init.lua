-- SPDX-License-Identifier: GPL-3.0-or-later
--- Builtin `request_unbuffered`: the request's body is passed on while it comes.

local _M = require('apicast.policy').new('request_unbuffered', 'builtin')

function _M:rewrite(context)
  context.request_unbuffered = true
end

return _M
