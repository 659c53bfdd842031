-- SPDX-License-Identifier: GPL-3.0-or-later
--- Calls of the backend (apisonator): authrep and report, with the options that APIcast sends.

local http = require('gateway.http')
local settings = require('gateway.settings')

local _M = {}
local mt = { __index = _M }

--- A client for one product.
function _M.new(service)
  return setmetatable({ service = service }, mt)
end

local function authentication(service)
  local parameters = { service_id = service.id }
  if service.backend_authentication.type then
    parameters[service.backend_authentication.type] = service.backend_authentication.value
  end
  return parameters
end

--- Names of headers in any case, with _ or -, as APIcast's HTTP client gives them.
local headers_mt = { __index = function(headers, name)
  return rawget(headers, name:lower():gsub('_', '-'))
end }

local function call(request)
  request.host, request.keep = settings.backend_host, true -- as the real gateway's client
  local answer, err = http.request(request)
  if answer then
    setmetatable(answer.headers, headers_mt)
    answer.ok = true
    return answer
  end
  ngx.log(ngx.ERR, 'cannot reach the backend ', settings.backend_host, ' at ', settings.backend_url, ': ', err)
  return { status = 0, headers = {}, body = '', ok = false, error = err }
end

local function encode(...)
  local parts = {}
  for _, parameters in ipairs({ ... }) do
    local encoded = ngx.encode_args(parameters)
    if encoded ~= '' then parts[#parts + 1] = encoded end
  end
  return table.concat(parts, '&')
end

local function get(self, path, ...)
  return call({
    url = settings.backend_url .. path .. '?' .. encode(authentication(self.service), ...),
    headers = { ['3scale-options'] = 'rejection_reason_header=1&limit_headers=1&no_body=1' },
  })
end

--- Checks and counts. Parameters: usage, credentials and more, as tables. The answer's status is 0 if none came.
function _M:authrep(...)
  return get(self, '/transactions/authrep.xml', ...)
end

--- Checks only.
function _M:authorize(...)
  return get(self, '/transactions/authorize.xml', ...)
end

--- batch: {credentials_type = 'user_key', reports = {[credential] = {[metric] = value}}}.
function _M:report(batch)
  local form, index = {}, 0
  for credential, metrics in pairs(batch.reports) do
    form[string.format('transactions[%d][%s]', index, batch.credentials_type)] = credential
    for metric, value in pairs(metrics) do
      form[string.format('transactions[%d][usage][%s]', index, metric)] = value
    end
    index = index + 1
  end
  return call({
    method = 'POST', url = settings.backend_url .. '/transactions.xml?' .. encode(authentication(self.service)),
    headers = { ['Content-Type'] = 'application/x-www-form-urlencoded' }, body = ngx.encode_args(form),
  })
end

return _M
