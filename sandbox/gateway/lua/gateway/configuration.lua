-- SPDX-License-Identifier: GPL-3.0-or-later
--- Which product and environment a host name means, and its configuration, asked of the Admin API: staging anew with each
-- request, production remembered for some seconds. (The real ones are two deployments of the gateway; this one plays both.)

local cjson = require('cjson.safe')
local http = require('gateway.http')
local settings = require('gateway.settings')
local Service = require('gateway.service')
local url_tools = require('gateway.url')

local _M = {}

local remembered = {} -- by host: {service, time until which it holds}; a first promotion is seen at once

local function fetch(environment, host)
  local query = ngx.encode_args({ host = host, version = 'latest', page = 1, per_page = 500 })
  local url = settings.admin_url .. settings.config_path .. '/' .. environment .. '.json?' .. query
  local answer, err = http.request({
    url = url, host = settings.admin_host,
    headers = { Authorization = settings.authorization, Accept = 'application/json', ['User-Agent'] = 'sandbox-gateway' },
  })
  if not answer or answer.status ~= 200 then
    ngx.log(ngx.ERR, 'cannot get the ', environment, ' configuration of ', host, ' from ', settings.admin_host, ' at ',
      settings.admin_url, ': ', answer and ('answered ' .. answer.status) or err)
    return nil
  end
  return (cjson.decode(answer.body) or {}).proxy_configs or {}
end

local function host_of(endpoint)
  local uri = url_tools.parse(endpoint)
  return uri and uri.host
end

local function serving(configurations, field, host)
  for _, entry in ipairs(configurations or {}) do
    local content = entry.proxy_config.content
    if host_of((content.proxy or {})[field]) == host then return content end
  end
end

local function production(host)
  local known = remembered[host]
  local configurations = fetch('production', host)
  if not configurations then return known and known[1] end -- keep serving what was there
  local content = serving(configurations, 'endpoint', host)
  remembered[host] = content and { Service.new(content), ngx.now() + settings.production_cache }
  return remembered[host] and remembered[host][1]
end

--- The service that serves this host, or nil.
function _M.find(host)
  if not host or host == '' then return nil end
  local known = remembered[host]
  if known and known[2] > ngx.now() then return known[1] end

  local content = serving(fetch('sandbox', host), 'sandbox_endpoint', host)
  if content then
    remembered[host] = nil
    return Service.new(content)
  end
  return production(host)
end

return _M
