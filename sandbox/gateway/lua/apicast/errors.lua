-- SPDX-License-Identifier: GPL-3.0-or-later
--- The answers that the gateway gives by itself. Status, media type and text are those of the product's proxy settings.

local _M = {}

local function refuse(status, media_type, text)
  ngx.var.cached_key = nil -- nothing is reported for a refused request
  ngx.status = status
  ngx.header.content_type = media_type
  ngx.print(text)
  return ngx.exit(ngx.status)
end

function _M.no_credentials(service)
  return refuse(service.auth_missing_status, service.auth_missing_headers, service.error_auth_missing)
end

function _M.authorization_failed(service)
  return refuse(service.auth_failed_status, service.auth_failed_headers, service.error_auth_failed)
end

--- retry_after: seconds until the limit's period ends, or nil.
function _M.limits_exceeded(service, retry_after)
  if retry_after then
    ngx.header['Retry-After'] = retry_after
  end
  return refuse(service.limits_exceeded_status, service.limits_exceeded_headers, service.error_limits_exceeded)
end

function _M.no_match(service)
  ngx.header.x_3scale_matched_rules = ''
  return refuse(service.no_match_status, service.no_match_headers, service.error_no_match)
end

function _M.service_not_found(host)
  ngx.log(ngx.WARN, 'could not find service for host: ', host or ngx.var.host)
  ngx.status = 404
  ngx.print('')
  return ngx.exit(ngx.status)
end

function _M.upstream_not_found(service)
  ngx.log(ngx.WARN, 'could not find upstream for service: ', service.id)
  ngx.status = 404
  ngx.print('')
  return ngx.exit(ngx.status)
end

return _M
