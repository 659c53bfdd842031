-- SPDX-License-Identifier: GPL-3.0-or-later
--- Passes a request on through a proxy for HTTPS, as APIcast does: by Lua's sockets, past nginx's own upstream, so that nginx's
-- variables know nothing of it. The answer is passed on as a whole.

local io, ipairs, pairs = io, ipairs, pairs
local http = require('gateway.http')

local _M = {}

local OF_THE_CONNECTION = {
  'host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive', 'expect', 'upgrade', 'te', 'trailer',
}

local function without_connection(headers)
  for _, name in ipairs(OF_THE_CONNECTION) do headers[name] = nil end
  return headers
end

local function body_in_file()
  local path = ngx.req.get_body_file()
  local file = path and io.open(path, 'rb')
  if not file then return nil end
  local text = file:read('*a')
  file:close()
  return text
end

--- A body that a policy has read is not there any more for one who wants to pass it on as it comes.
local function body_of(is_unbuffered)
  local method = ngx.req.get_method()
  if method ~= 'POST' and method ~= 'PUT' and method ~= 'PATCH' then return nil end
  if is_unbuffered then
    local socket, err = ngx.req.socket()
    if not socket then
      ngx.log(ngx.ERR, 'unable to obtain request socket: ', err)
      return ngx.exit(ngx.HTTP_INTERNAL_SERVER_ERROR)
    end
    return socket:receive(tonumber(ngx.var.content_length))
  end
  ngx.req.read_body()
  return ngx.req.get_body_data() or body_in_file()
end

--- Does not come back. uri: where to, in parts, its path taken from the request; proxy: the same of the proxy.
function _M.pass(uri, proxy, is_unbuffered)
  local answer, err = http.request({
    method = ngx.req.get_method(), host = ngx.var.http_host, verify = false, proxy = proxy,
    url = uri.scheme .. '://' .. uri.host .. ':' .. uri.port .. ngx.var.uri .. ngx.var.is_args .. (ngx.var.args or ''),
    headers = without_connection(ngx.req.get_headers(0, true)), body = body_of(is_unbuffered),
  })
  if not answer then
    ngx.log(ngx.ERR, 'failed to proxy request to: ', proxy.host, ' err: ', err)
    return ngx.exit(ngx.HTTP_BAD_GATEWAY)
  end
  ngx.status = answer.status
  local length = answer.headers['content-length']
  for name, value in pairs(without_connection(answer.headers)) do ngx.header[name] = value end
  ngx.header['content-length'] = length
  ngx.print(answer.body)
  return ngx.exit(ngx.OK)
end

return _M
