-- SPDX-License-Identifier: GPL-3.0-or-later
--- A small HTTP/1.1 client over nginx's sockets, for the Admin API and the backend. Connections are kept where the caller says
-- so. Nothing is sent again when one that was kept turns out to be gone: a report would count twice.

local concat = table.concat
local insert = table.insert
local url_tools = require('gateway.url')
local dns = require('gateway.dns')

local _M = {}

local TIMEOUT = 10000 -- milliseconds, for connecting and for each read
local KEPT, CONNECTIONS = 60000, 64 -- milliseconds, and how many for an address

local function read_chunked(socket)
  local pieces = {}
  while true do
    local line, err = socket:receive('*l')
    if not line then return nil, err end
    local size = tonumber(line:match('^%s*(%x+)'), 16)
    if not size then return nil, 'bad chunk size: ' .. line end
    if size == 0 then break end
    local piece, problem = socket:receive(size)
    if not piece then return nil, problem end
    insert(pieces, piece)
    socket:receive(2)
  end
  repeat
    local line = socket:receive('*l')
  until not line or line == ''
  return concat(pieces)
end

local function read_headers(socket)
  local headers = {}
  while true do
    local line, err = socket:receive('*l')
    if not line then return nil, err end
    if line == '' then return headers end
    local name, value = line:match('^([^:]+):%s*(.-)%s*$')
    if name then headers[name:lower()] = value end
  end
end

local function read_answer(socket, method)
  local line, err = socket:receive('*l')
  if not line then return nil, err end
  local status = tonumber(line:match('^HTTP/%d%.%d (%d%d%d)'))
  if not status then return nil, 'not an HTTP answer: ' .. line end
  local headers, problem = read_headers(socket)
  if not headers then return nil, problem end

  local body = ''
  if method ~= 'HEAD' and status ~= 204 and status ~= 304 then
    if (headers['transfer-encoding'] or ''):lower():find('chunked', 1, true) then
      body, problem = read_chunked(socket)
    elseif headers['content-length'] then
      local length = tonumber(headers['content-length'])
      if length > 0 then body, problem = socket:receive(length) end
    else
      body, problem = socket:receive('*a')
    end
  end
  if not body then return nil, problem end
  local framed = headers['content-length'] or headers['transfer-encoding'] or status == 204 or status == 304
  return { status = status, headers = headers, body = body }, framed and (headers.connection or ''):lower() ~= 'close'
end

local function write_request(socket, request, uri)
  local target = (uri.path or '/') .. (uri.query and '?' .. uri.query or '')
  local host = request.host or (uri.host .. (uri.port ~= url_tools.default_port(uri.scheme) and ':' .. uri.port or ''))
  local lines = { request.method .. ' ' .. target .. ' HTTP/1.1', 'Host: ' .. host }
  if not request.keep then insert(lines, 'Connection: close') end
  for name, values in pairs(request.headers or {}) do
    for _, value in ipairs(type(values) == 'table' and values or { values }) do insert(lines, name .. ': ' .. value) end
  end
  if request.body then insert(lines, 'Content-Length: ' .. #request.body) end
  insert(lines, '\r\n' .. (request.body or ''))
  return socket:send(concat(lines, '\r\n'))
end

--- Asks a proxy for a tunnel.
local function open_tunnel(socket, uri)
  local there = uri.host .. ':' .. uri.port
  socket:send(concat({ 'CONNECT ' .. there .. ' HTTP/1.1', 'Host: ' .. there, '\r\n' }, '\r\n'))
  local line = socket:receive('*l')
  if not line or not line:match('^HTTP/%d%.%d 2%d%d') then return nil, 'no tunnel: ' .. tostring(line) end
  return read_headers(socket)
end

local function connect(uri, request)
  local first = request.proxy or uri
  local addresses, err = dns.addresses(first.host)
  if not addresses then return nil, err end
  local socket = ngx.socket.tcp()
  socket:settimeouts(TIMEOUT, TIMEOUT, request.timeout or TIMEOUT)
  local pool = concat({ uri.scheme, request.host or uri.host, addresses[1], first.port }, ' ')
  local ok, problem = socket:connect(addresses[1], first.port, { pool = pool })
  if ok and request.proxy then ok, problem = open_tunnel(socket, uri) end
  if not ok then return nil, problem end
  if uri.scheme == 'https' and socket:getreusedtimes() == 0 then
    ok, problem = socket:sslhandshake(nil, request.proxy and uri.host or request.host or uri.host, request.verify ~= false)
    if not ok then return nil, problem end
  end
  return socket
end

--- request: {method, url, host (Host header), headers, body, timeout (ms), verify, keep (the connection), proxy (its address in
-- parts, for HTTPS)}.
-- {status, headers (names in lower case), body}, or nil and what went wrong.
function _M.request(request)
  request.method = request.method or 'GET'
  local uri, err = url_tools.parse(request.url)
  if not uri then return nil, err end
  local socket, problem = connect(uri, request)
  if not socket then return nil, problem end
  local sent, err_of_sending = write_request(socket, request, uri)
  if not sent then return nil, err_of_sending end
  local answer, reusable = read_answer(socket, request.method)
  if not answer then
    socket:close()
    return nil, reusable
  end
  if not (request.keep and reusable and socket:setkeepalive(KEPT, CONNECTIONS)) then socket:close() end
  return answer
end

return _M
