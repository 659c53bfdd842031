-- SPDX-License-Identifier: GPL-3.0-or-later
--- Which product and environment a host name means. Staging is asked of the Admin API anew with each request. Production is
-- remembered for some seconds for each host, or, with `boot`, read as a whole when the gateway starts and at each tick, as the
-- production gateway of a cluster does. (The real ones are two deployments of the gateway; this one plays both.)

local proxy_configs = require('gateway.proxy_configs')
local settings = require('gateway.settings')
local Service = require('gateway.service')
local url_tools = require('gateway.url')

local _M = {}

local remembered = {} -- by host: {service, time until which it holds}; a first promotion is seen at once
local booted          -- by host: service, of all products in production at the last tick

local function host_of(endpoint)
  local uri = url_tools.parse(endpoint)
  return uri and uri.host
end

local function serving(contents, field, host)
  for _, content in ipairs(contents or {}) do
    if host_of((content.proxy or {})[field]) == host then return content end
  end
end

local function boot()
  local contents = proxy_configs.latest('production')
  if not contents then return end -- keep serving what was there
  booted = {}
  for _, content in ipairs(contents) do
    local host = host_of((content.proxy or {}).endpoint)
    if host then booted[host] = Service.new(content) end
  end
end

--- Once for each worker.
function _M.init_worker()
  if not settings.boot then return end
  ngx.timer.at(0, boot)
  ngx.timer.every(settings.production_cache, boot)
end

local function production(host)
  if settings.boot then
    if not booted then boot() end
    return booted and booted[host]
  end
  local known = remembered[host]
  local contents = proxy_configs.latest('production', host)
  if not contents then return known and known[1] end -- keep serving what was there
  local content = serving(contents, 'endpoint', host)
  remembered[host] = content and { Service.new(content), ngx.now() + settings.production_cache }
  return remembered[host] and remembered[host][1]
end

--- The service that serves this host, or nil.
function _M.find(host)
  if not host or host == '' then return nil end
  if booted and booted[host] then return booted[host] end
  local known = remembered[host]
  if known and known[2] > ngx.now() then return known[1] end

  local content = serving(proxy_configs.latest('sandbox', host), 'sandbox_endpoint', host)
  if content then
    remembered[host] = nil
    return Service.new(content)
  end
  return production(host)
end

return _M
