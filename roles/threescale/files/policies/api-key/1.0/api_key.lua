-- SPDX-License-Identifier: GPL-3.0-or-later
--- Takes the key out of the request as OpenAI's and Anthropic's clients send it, and keeps it and the product's secret token from
-- the model. It must stand before `apicast` in the policy chain; what a policy sets for the model itself stays.

local ipairs, setmetatable, tostring, type, unpack = ipairs, setmetatable, tostring, type, unpack
local sort = table.sort
local gsub, lower, match, sub = string.gsub, string.lower, string.match, string.sub
local ngx = ngx

local policy = require('apicast.policy')
local _M = policy.new('API key', '1.0')
local new = _M.new

-- Authentication with two values or with a token is not ours.
local OTHER_AUTHENTICATION = { ['2'] = true, oauth = true, oidc = true }
local AUTHORIZATION = 'Authorization'
local HEADERS = { 'x-api-key', 'api-key' } -- Anthropic's clients, Azure's

--- The longest first: one may begin with another.
local function sorted(prefixes)
  local copy = { unpack(prefixes) }
  sort(copy, function(a, b) return #a > #b end)
  return copy
end

local function list(value, default)
  return type(value) == 'table' and value or default
end

--- configuration: {prefixes, headers}; see the manifest.
function _M.new(configuration)
  local self = new(configuration)
  configuration = list(configuration, {})
  self.prefixes = sorted(list(configuration.prefixes, {}))
  self.headers = list(configuration.headers, HEADERS)
  return self
end

--- The key in an Authorization header, or nil: behind the scheme Bearer in any case, or bare. Other schemes and a scheme without
-- a key are not ours.
local function key_in(value)
  if not value then return nil end
  local scheme, rest = match(value, '^%s*(%S+)%s*(.-)%s*$')
  if not scheme then return nil end
  local is_bearer = lower(scheme) == 'bearer'
  if rest == '' then return not is_bearer and scheme or nil end
  return is_bearer and rest or nil
end

local function without_prefix(key, prefixes)
  for _, prefix in ipairs(prefixes) do
    if sub(key, 1, #prefix) == prefix and #key > #prefix then return sub(key, #prefix + 1) end
  end
  return key
end

--- The key from the first of the other headers that holds one; a repeated header holds none: whose is it?
local function key_elsewhere(names)
  local headers = ngx.req.get_headers(0)
  for _, name in ipairs(names) do
    local value = headers[name]
    local key = type(value) == 'string' and match(value, '^%s*(%S.-)%s*$')
    if key then return key end
  end
end

-- The names of nginx's variables for headers, by the header's name; they are those of configurations, so there are few.
local VARIABLES = setmetatable({}, {
  __index = function(known, name)
    known[name] = 'http_' .. gsub(lower(name), '-', '_')
    return known[name]
  end,
})

--- Those of the headers that the request has. nginx's variables are cheaper than a table of all headers.
local function present(names)
  local found
  for _, name in ipairs(names) do
    if ngx.var[VARIABLES[name]] then
      found = found or {}
      found[#found + 1] = name
    end
  end
  return found
end

--- Those of the configuration, and the one that the product itself names.
local function other_headers(self, service)
  local credentials = service.credentials or {}
  local own = credentials.location == 'headers' and credentials.user_key
  if not own or lower(own) == lower(AUTHORIZATION) then return self.headers end
  local names = { own }
  for _, name in ipairs(self.headers) do names[#names + 1] = name end
  return names
end

function _M:rewrite(context)
  local service = context.service
  if not service or OTHER_AUTHENTICATION[tostring(service.backend_version)] then return end
  local authorization = ngx.var.http_authorization
  local others = present(other_headers(self, service))
  local key = key_in(authorization) or not authorization and others and key_elsewhere(others)
  for _, name in ipairs(others or {}) do ngx.req.clear_header(name) end
  if not key then
    context[self] = { left = authorization } -- for `apicast` to judge
    return
  end
  key = without_prefix(key, self.prefixes)
  ngx.req.clear_header(AUTHORIZATION)
  context.extracted_credentials = { key, user_key = key } -- the first for the key of the cache of authorizations
end

--- `apicast` has set the secret token in its own rewrite phase; here it is not sent yet.
function _M:access(context)
  ngx.var.secret_token = ''
  local left = context[self] and context[self].left
  if not left or context.service.credentials.location == 'query' then return end
  -- `apicast` itself found the key in it (a scheme such as Basic), unless a policy has put another value there since
  if ngx.var.http_authorization == left then ngx.req.clear_header(AUTHORIZATION) end
end

return _M
