-- SPDX-License-Identifier: GPL-3.0-or-later
--- Builtin `cors`: answers preflights with 204 and puts the Access-Control headers on every answer to a request with Origin.

local url_tools = require('gateway.url')

local _M = require('apicast.policy').new('CORS Policy', 'builtin')
local new = _M.new

--- configuration: allow_headers[], allow_methods[], allow_origin (origin, '*' or a regular expression), allow_credentials,
-- max_age (seconds).
function _M.new(configuration)
  local self = new(configuration)
  self.config = configuration or {}
  local origin = self.config.allow_origin
  self.origin_is_regex = origin ~= nil and origin ~= '*' and url_tools.parse(origin) == nil
  return self
end

local function set_origin(self, origin)
  if not self.origin_is_regex then
    ngx.header['Access-Control-Allow-Origin'] = self.config.allow_origin or origin
  elseif ngx.re.match(origin, self.config.allow_origin) then
    ngx.header['Access-Control-Allow-Origin'] = origin
  end
end

local function or_default(value, default)
  if value == nil then return default end
  return value
end

function _M.rewrite()
  local var = ngx.var
  if ngx.req.get_method() == 'OPTIONS' and var.http_origin and var.http_access_control_request_method then
    ngx.status = 204
    return ngx.exit(ngx.status)
  end
end

function _M:header_filter()
  local origin = ngx.var.http_origin
  if not origin then return end
  local config, header = self.config, ngx.header
  header['Access-Control-Allow-Headers'] = config.allow_headers or ngx.var.http_access_control_request_headers
  header['Access-Control-Allow-Methods'] = config.allow_methods or ngx.var.http_access_control_request_method
  set_origin(self, origin)
  header['Access-Control-Allow-Credentials'] = tostring(or_default(config.allow_credentials, true))
  header['Access-Control-Max-Age'] = or_default(config.max_age, 600)
end

return _M
