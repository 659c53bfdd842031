-- SPDX-License-Identifier: GPL-3.0-or-later
--- A server that a request is passed on to.

local setmetatable = setmetatable
local url_tools = require('gateway.url')
local dns = require('gateway.dns')
local tunnel = require('gateway.tunnel')

local _M = {}
local mt = { __index = _M }

local SCHEMES = { http = 'http', https = 'https', ws = 'http', wss = 'https' }

--- An upstream for an address such as https://models.example.com:443/base, or nil and why.
function _M.new(url)
  if not url or url == ngx.null then return nil, 'Upstream cannot be null' end
  local uri = url_tools.parse(url)
  if not uri then return nil, 'invalid upstream' end
  return setmetatable({ uri = uri, location_name = '@upstream' }, mt)
end

function _M:use_host_header(host)
  self.host = host
end

function _M:set_owner_id(owner_id)
  self.owner_id = owner_id
end

function _M:has_owner_id()
  return self.owner_id
end

function _M:set_path(path)
  self.uri.path, self.uri.query = url_tools.split_path(path)
end

--- Puts a path behind the one of the address; its query is taken only if there is no path query in it.
function _M:append_path(path)
  local more, query = url_tools.split_path(path)
  self.uri.path = self.uri.path or '/'
  if more ~= '' then self.uri.path = url_tools.join(self.uri.path, more) end
  if query and query ~= '' then return end
  self.uri.query = query
end

function _M:update_location(name)
  if name then self.location_name = name end
end

--- Asks for the addresses once for each request.
function _M:resolve()
  if self.servers then return self.servers end
  local addresses, err = dns.addresses(self.uri.host)
  if not addresses then
    ngx.log(ngx.ERR, 'upstream ', self.uri.host, ': ', err)
    return nil, err
  end
  self.servers = addresses
  return addresses
end

function _M:set_host_header()
  local uri = self.uri
  local host = self.host
  if not host then
    host = uri.host
    if uri.port ~= url_tools.default_port(uri.scheme) then host = host .. ':' .. uri.port end
  end
  ngx.req.set_header('Host', host)
  return host
end

local function with_prefix(prefix)
  local uri = ngx.var.uri or ''
  if uri == '' or uri == '/' then return prefix end
  return url_tools.join(prefix, uri)
end

--- Host header, path and query as this upstream wants them.
function _M:rewrite_request()
  self:set_host_header()
  if self.uri.path then ngx.req.set_uri(with_prefix(self.uri.path)) end
  if self.uri.query then ngx.req.set_uri_args(self.uri.query) end
end

local function location_of(context)
  if context.upstream_location_name then return context.upstream_location_name end
  if context.request_unbuffered then return '@upstream_request_unbuffered' end
end

--- Content phase: hands the request over to nginx's proxy. Does not come back. (OpenResty's nginx lets its balancer answer 503
-- where there is no address; Debian's can't, so it is answered here.)
function _M:call(context)
  if ngx.headers_sent then return nil, 'response sent already' end
  local proxy = self.uri.scheme == 'https' and context.get_http_proxy and context.get_http_proxy(self.uri)
  self:rewrite_request()
  if proxy then return tunnel.pass(self.uri, proxy, context.request_unbuffered) end
  if not self:resolve() then return ngx.exit(ngx.HTTP_SERVICE_UNAVAILABLE) end
  self:update_location(location_of(context))
  context.upstream = self
  ngx.var.proxy_pass = SCHEMES[self.uri.scheme] .. '://upstream'
  return ngx.exec(self.location_name)
end

return _M
