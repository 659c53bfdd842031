-- SPDX-License-Identifier: GPL-3.0-or-later
--- Proxy configurations as the Admin API lists them.

local cjson = require('cjson.safe')
local http = require('gateway.http')
local settings = require('gateway.settings')

local _M = {}

local PAGE = 500

local function page(environment, host, number)
  local query = ngx.encode_args({ host = host, version = 'latest', page = number, per_page = PAGE })
  local url = settings.admin_url .. settings.config_path .. '/' .. environment .. '.json?' .. query
  local answer, err = http.request({
    url = url, host = settings.admin_host,
    headers = { Authorization = settings.authorization, Accept = 'application/json', ['User-Agent'] = 'sandbox-gateway' },
  })
  if answer and answer.status == 200 then return (cjson.decode(answer.body) or {}).proxy_configs or {} end
  ngx.log(ngx.ERR, 'cannot get the ', environment, ' configuration of ', host or 'all products', ' from ', settings.admin_host,
    ' at ', settings.admin_url, ': ', answer and ('answered ' .. answer.status) or err)
  return nil
end

--- The contents of the latest configurations of an environment ('sandbox', 'production'), of one host or of all; nil if they
-- can't be had.
function _M.latest(environment, host)
  local contents, number = {}, 0
  repeat
    number = number + 1
    local found = page(environment, host, number)
    if not found then return nil end
    for _, entry in ipairs(found) do contents[#contents + 1] = entry.proxy_config.content end
    -- the master's list (an address with a path of its own) has no pages
  until #found < PAGE or settings.config_path:find('^/master/')
  return contents
end

return _M
