-- SPDX-License-Identifier: GPL-3.0-or-later
--- Builtin `caching`: how the key cache takes the backend's answers: resilient, strict, allow or none.

local handlers = require('gateway.cache_handlers')

local _M = require('apicast.policy').new('Caching policy', 'builtin')
local new = _M.new

local KINDS = { strict = true, resilient = true, allow = true, none = true }

--- configuration: {caching_type}.
function _M.new(configuration)
  local self = new(configuration)
  local kind = (configuration or {}).caching_type
  if not KINDS[kind or ''] then
    ngx.log(ngx.ERR, kind and 'Invalid caching type. Disabling cache.' or 'Caching type not specified. Disabling cache.')
  end
  self.handler = KINDS[kind or ''] and handlers[kind] or handlers.none
  self.is_disabled = kind == 'none'
  return self
end

function _M:export()
  return { cache_handler = self.handler, cache_is_disabled = self.is_disabled }
end

return _M
