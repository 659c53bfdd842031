-- SPDX-License-Identifier: GPL-3.0-or-later
--- Takes the credentials out of a request, as the product's `credentials_location` says: query (or form body), headers,
-- authorization (Basic or Bearer).

local mapping = require('gateway.mapping')

local _M = {}

local SCHEMES = {}

function SCHEMES.Basic(parameter)
  local pair = ngx.decode_base64(parameter) or ''
  local user, password = pair:match('^(.*):(.*)$')
  return { user = user, password = password }
end

function SCHEMES.Bearer(parameter)
  return { token = parameter }
end

--- {user, password, token} of an Authorization header; the names of the schemes count with their case.
function _M.parse_authorization(value)
  local scheme, parameter = (value or ''):match('^(%w+)%s*(.*)$')
  local parse = SCHEMES[scheme]
  return parse and parse(parameter) or {}
end

local LOCATIONS = {}

function LOCATIONS.query(names)
  local values, form = {}, nil
  for index, name in ipairs(names) do
    values[index] = ngx.var['arg_' .. name]
    if not values[index] then
      form = form or mapping.form_arguments() or {}
      values[index] = form[name]
    end
  end
  return values
end

function LOCATIONS.headers(names)
  local values = {}
  for index, name in ipairs(names) do
    values[index] = ngx.var['http_' .. name:lower():gsub('-', '_')]
  end
  return values
end

function LOCATIONS.authorization(names)
  local given = _M.parse_authorization(ngx.var.http_authorization)
  if #names == 1 then return { given.user or given.password or given.token } end
  return { given.user or given.token, given.password }
end

local PARAMETERS = { ['1'] = { 'user_key' }, ['2'] = { 'app_id', 'app_key' } }

--- {KEY, user_key = KEY} or {ID, SECRET, app_id = ID, app_key = SECRET}, and how many there should be; what is missing is nil.
-- nil and why where the product's settings are not understood.
function _M.extract(service)
  local parameters = PARAMETERS[service.backend_version]
  if not parameters then return nil, 'authentication ' .. service.backend_version .. ' is not known to this gateway' end
  local read = LOCATIONS[service.credentials.location]
  if not read then return nil, 'invalid credentials location' end

  local names = {}
  for index, parameter in ipairs(parameters) do names[index] = service.credentials[parameter] end
  local values, found = read(names), {}
  for index, parameter in ipairs(parameters) do
    found[index], found[parameter] = values[index], values[index]
  end
  return found, #parameters
end

return _M
