-- SPDX-License-Identifier: GPL-3.0-or-later
--- Builtin `3scale_referrer`: the backend is told the Referer, so that referrer filters can work.

local _M = require('apicast.policy').new('3scale Referrer policy', 'builtin')

function _M:rewrite(context)
  local referrer = ngx.var.http_referer
  if referrer then context.proxy.extra_params_backend_authrep.referrer = referrer end
end

return _M
