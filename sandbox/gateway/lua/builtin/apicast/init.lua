-- SPDX-License-Identifier: GPL-3.0-or-later
--- Builtin `apicast`: credentials, mapping rules, authorization, the upstream and the report.

local balancer = require('apicast.balancer')
local errors = require('apicast.errors')
local Upstream = require('apicast.upstream')

local _M = require('apicast.policy').new('APIcast', 'builtin')
local mt = { __index = _M }

function _M.new()
  return setmetatable({}, mt)
end

--- The client went away: the request ends, post_action still runs.
local function client_gone()
  ngx.exit(499)
end

local function watch_client()
  local ok, err = ngx.on_abort(client_gone)
  if not ok then ngx.log(ngx.WARN, 'cannot watch for the client going away: ', err) end
end

local function upstream_of(service, context)
  if not service.api_backend or service.api_backend == '' then return nil end
  local upstream, err = Upstream.new(service.api_backend)
  if not upstream then
    ngx.log(ngx.WARN, 'upstream api for the service:', service.id, ' is invalid, error:', err)
    return nil
  end
  upstream:update_location(context.upstream_location_name)
  upstream:use_host_header(service.hostname_rewrite)
  return upstream
end

function _M:rewrite(context)
  watch_client()
  local proxy = context.proxy
  if context.cache_handler then proxy.cache_handler = context.cache_handler end
  proxy:rewrite(context.service, context)
  context[self] = context[self] or {}
  context[self].upstream = upstream_of(context.service, context)
  context.get_upstream = function() return context[self].upstream end
end

function _M:access(context)
  if context.skip_apicast_access then return end
  context[self] = context[self] or {}
  context[self].run_post_action = true -- a request that another policy refused before must not be reported
  return context.proxy:access(context)
end

function _M:content(context)
  local upstream = context[self] and context[self].upstream
  if not upstream then return errors.upstream_not_found(context.service) end
  return upstream:call(context)
end

_M.balancer = balancer.call

function _M:post_action(context)
  if not (context[self] and context[self].run_post_action) then return end
  return context.proxy:post_action(context)
end

function _M.export()
  return {
    add_backend_auth_subscriber = function(context, handler)
      context.backend_auth_subscribers = context.backend_auth_subscribers or {}
      table.insert(context.backend_auth_subscribers, handler)
    end,
    publish_backend_auth = function(context, response)
      for _, handler in ipairs(context.backend_auth_subscribers or {}) do handler(context, response) end
    end,
  }
end

return _M
