-- SPDX-License-Identifier: GPL-3.0-or-later
--- Credentials, usage, authorization (from the key cache, or by asking the backend) and the report after a cached admission.

local backend_client = require('gateway.backend_client')
local cache_handlers = require('gateway.cache_handlers')
local errors = require('apicast.errors')
local settings = require('gateway.settings')
local Usage = require('apicast.usage')

local _M = {}
local mt = { __index = _M }

function _M.new()
  return setmetatable({
    cache = ngx.shared.api_keys,
    cache_handler = cache_handlers.default,
    extra_params_backend_authrep = {},
  }, mt)
end

local function asked_for_debug(service)
  return ngx.var.http_x_3scale_debug ~= nil and ngx.var.http_x_3scale_debug == service.backend_authentication.value
end

local function show_debug(service, usage, credentials)
  if not asked_for_debug(service) then return end
  local patterns = {}
  for index, rule in ipairs(ngx.ctx.matched_rules or {}) do patterns[index] = rule.pattern end
  ngx.header['X-3scale-matched-rules'] = table.concat(patterns, ', ')
  ngx.header['X-3scale-credentials'] = credentials
  ngx.header['X-3scale-usage'] = usage
  ngx.header['X-3scale-hostname'] = ngx.var.hostname
  ngx.header['X-3scale-service-id'] = service.id
  ngx.header['X-3scale-service-name'] = service.system_name
end

--- The values that tell one client from another in the key cache: those under 1, 2 … They are taken out, for the backend is
-- sent the rest. Credentials that a policy sets without them are all one client to the cache, as in the real gateway.
local function take_values(credentials, count)
  local values = {}
  for index = 1, count or #credentials do
    if credentials[index] == nil then return nil end
    values[index], credentials[index] = credentials[index], nil
  end
  return values
end

--- Rewrite phase: may end the request with the product's "no credentials" error.
function _M:rewrite(service, context)
  ngx.var.service_id = service.id
  ngx.var.secret_token = service.secret_token

  local credentials, count = context.extracted_credentials, nil
  if not credentials then credentials, count = service:extract_credentials() end
  local values = credentials and take_values(credentials, count)
  if not values then return errors.no_credentials(service) end

  local usage, matched = service:get_usage(ngx.req.get_method(), ngx.var.uri)
  context.usage = context.usage or Usage.new()
  context.usage:merge(usage)
  context.credentials = credentials
  ngx.ctx.usage, ngx.ctx.matched_rules, ngx.ctx.credentials = context.usage, matched, credentials
  ngx.ctx.proxy = self
  ngx.var.cached_key = service.id .. ':' .. table.concat(values, ':')
end

--- Access phase: may end the request with one of the product's errors.
function _M:access(context)
  if context.route_upstream_usage_cleanup then
    context:route_upstream_usage_cleanup(context.usage, ngx.ctx.matched_rules)
  end
  return self:authorize(context, context.service, context.usage, context.credentials, context.ttl)
end

--- Cache keys whose report is on its way to the backend. A client that calls again at once must meet what it says: the real
-- gateway leaves that to chance.
local reporting = {}

local function wait_for_report(key)
  local deadline = ngx.now() + 2
  while reporting[key] and ngx.now() < deadline do ngx.sleep(0.002) end
end

local function encoded(parameters)
  local text = ngx.encode_args(parameters)
  return text ~= '' and ':' .. text or ''
end

function _M:authorize(context, service, usage, credentials, ttl)
  if not usage or not credentials then return nil, 'missing usage or credentials' end
  local encoded_usage = usage:encoded_format()
  if encoded_usage == '' then return errors.no_match(service) end
  show_debug(service, encoded_usage, ngx.encode_args(credentials))

  local key = ngx.var.cached_key .. ':' .. encoded_usage .. encoded(self.extra_params_backend_authrep)
  wait_for_report(key)
  if self.cache:get(key) == 200 and context.cache_is_disabled ~= true then
    ngx.var.cached_key = key -- admitted; the backend hears of it in post_action
    return
  end

  ngx.var.cached_key = nil -- the backend counts now: nothing is left for post_action
  local response = backend_client.new(service):authrep(usage:format(), credentials, self.extra_params_backend_authrep)
  local authorized, reason, retry_after = self:handle_backend_response(context, key, response, ttl)
  if authorized then return end
  if reason == 'limits_exceeded' then return errors.limits_exceeded(service, retry_after) end
  return errors.authorization_failed(service)
end

--- Whether the backend's answer admits; if not, its rejection reason and the seconds until the limit's period ends.
function _M:handle_backend_response(context, key, response, ttl)
  if context.publish_backend_auth then context.publish_backend_auth(context, response) end
  self.cache_handler(self.cache, key, response, ttl)

  local status = response.status
  if not status or status == 0 or status >= 499 then -- the backend can't be reached
    return self.cache:get(key) == 200
  end
  if status == 200 then return true end
  local reason = response.headers['3scale-rejection-reason']
  if reason == 'limits_exceeded' and tonumber(response.headers['3scale-limit-max-value']) == 0 then
    reason = nil -- a limit of 0 means that the metric is not for sale: not a matter of waiting
  end
  return false, reason, response.headers['3scale-limit-reset']
end

--- After the answer: counts what the key cache admitted. A refusal takes the key out of the cache.
function _M:post_action(context)
  local key = ngx.var.cached_key
  if not key or key == '' or key == 'null' then return end
  local log = settings.response_codes and { ['log[code]'] = ngx.var.status } or {}
  reporting[key] = (reporting[key] or 0) + 1
  local ok, err = pcall(function()
    local response = backend_client.new(context.service):authrep(
      context.usage:format(), context.credentials, log, self.extra_params_backend_authrep)
    self:handle_backend_response(context, key, response)
  end)
  reporting[key] = reporting[key] > 1 and reporting[key] - 1 or nil
  if not ok then error(err, 0) end
end

return _M
