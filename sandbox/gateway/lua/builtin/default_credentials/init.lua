-- SPDX-License-Identifier: GPL-3.0-or-later
--- Builtin `default_credentials`: credentials for requests that bring none.

local _M = require('apicast.policy').new('Default credentials policy', 'builtin')
local new = _M.new

--- configuration: {user_key} or {app_id, app_key}.
function _M.new(configuration)
  local self = new(configuration)
  self.given = configuration or {}
  return self
end

local function missing(service)
  local found = service:extract_credentials()
  if not found then return true end
  if service.backend_version == '1' then return found.user_key == nil end
  return found.app_id == nil and found.app_key == nil
end

function _M:rewrite(context)
  if not missing(context.service) then return end
  local version, given = context.service.backend_version, self.given
  if version == '1' and given.user_key then
    context.extracted_credentials = { given.user_key, user_key = given.user_key }
  elseif version == '2' and given.app_id and given.app_key then
    context.extracted_credentials = { given.app_id, given.app_key, app_id = given.app_id, app_key = given.app_key }
  else
    ngx.log(ngx.WARN, 'No default credentials configured')
  end
end

return _M
