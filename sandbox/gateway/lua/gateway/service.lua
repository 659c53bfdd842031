-- SPDX-License-Identifier: GPL-3.0-or-later
--- A product as the gateway sees it, made from the content of a proxy configuration.

local setmetatable = setmetatable
local chain = require('gateway.chain')
local credentials = require('gateway.credentials')
local mapping = require('gateway.mapping')
local mapping_rule = require('gateway.mapping_rule')
local settings = require('gateway.settings')

local _M = {}
local mt = { __index = _M }

local function given(value)
  if value ~= ngx.null then return value end
end

local function rules_of(proxy)
  local rules = {}
  for index, rule in ipairs(given(proxy.proxy_rules) or {}) do rules[index] = mapping_rule.new(rule) end
  return rules
end

local function add_error(service, proxy, name, key, status, text)
  service[key .. '_status'] = given(proxy['error_status_' .. name]) or status
  service[key .. '_headers'] = given(proxy['error_headers_' .. name]) or 'text/plain; charset=utf-8'
  service['error_' .. name] = given(proxy['error_' .. name]) or text
end

--- content: {id, system_name, backend_version, backend_authentication_*, proxy{…}} as deployed or promoted.
function _M.new(content)
  local proxy = content.proxy or {}
  local rewrite = given(proxy.hostname_rewrite)
  local service = setmetatable({
    id = tostring(content.id),
    system_name = tostring(content.system_name or ''),
    backend_version = tostring(content.backend_version),
    authentication_method = given(proxy.authentication_method) or tostring(content.backend_version),
    backend = { endpoint = settings.backend_url, host = settings.backend_host },
    hosts = given(proxy.hosts) or {},
    api_backend = given(proxy.api_backend),
    secret_token = given(proxy.secret_token),
    hostname_rewrite = rewrite ~= '' and rewrite or nil,
    backend_authentication = { type = content.backend_authentication_type, value = content.backend_authentication_value },
    credentials = {
      location = given(proxy.credentials_location) or 'query',
      user_key = (given(proxy.auth_user_key) or 'user_key'):lower(),
      app_id = (given(proxy.auth_app_id) or 'app_id'):lower(),
      app_key = (given(proxy.auth_app_key) or 'app_key'):lower(),
    },
    rules = rules_of(proxy),
    policy_chain = chain.new(given(proxy.policy_chain) or { { name = 'apicast', version = 'builtin' } }),
    serializable = content,
  }, mt)
  add_error(service, proxy, 'auth_failed', 'auth_failed', 403, 'Authentication failed')
  add_error(service, proxy, 'auth_missing', 'auth_missing', 401, 'Authentication parameters missing')
  add_error(service, proxy, 'no_match', 'no_match', 404, 'No Mapping Rule matched')
  add_error(service, proxy, 'limits_exceeded', 'limits_exceeded', 429, 'Limits exceeded')
  return service
end

--- What the client brought: see gateway.credentials.
function _M:extract_credentials()
  return credentials.extract(self)
end

--- The usage of a request by the mapping rules, and the rules that matched.
function _M:get_usage(method, path)
  return mapping.usage_of(self.rules, method, path)
end

return _M
