-- SPDX-License-Identifier: GPL-3.0-or-later
--- Names to IPv4 addresses: literal addresses, *.localhost, /etc/hosts, then a name server (the sandbox's own for names
-- of the cluster, the machine's for the rest). nginx offers Lua no resolver of its own, and a balancer wants addresses.

local insert = table.insert
local byte = string.byte
local char = string.char
local settings = require('gateway.settings')

local _M = {}

local TIMEOUT = 2000      -- milliseconds for one question
local LONGEST_MEMORY = 5  -- seconds: Pods come and go
local TYPE_A, TYPE_CNAME = 1, 5

local hosts, servers, memory = {}, {}, {}

local function read_lines(path)
  local handle = io.open(path)
  if not handle then return function() end end
  local text = handle:read('*a')
  handle:close()
  return text:gmatch('[^\n]+')
end

--- Reads what the machine knows; called once for each process.
function _M.init()
  for line in read_lines('/etc/hosts') do
    local address, names = line:gsub('#.*', ''):match('^%s*(%d+%.%d+%.%d+%.%d+)%s+(.+)$')
    if address then
      for name in names:gmatch('%S+') do hosts[name:lower()] = hosts[name:lower()] or address end
    end
  end
  for line in read_lines('/etc/resolv.conf') do
    local address = line:match('^%s*nameserver%s+(%S+)')
    if address then insert(servers, { address, 53 }) end
  end
end

local function question(name, id)
  local labels = {}
  for label in name:gmatch('[^.]+') do
    if #label > 63 then return nil, 'label too long in ' .. name end
    insert(labels, char(#label) .. label)
  end
  local header = char(math.floor(id / 256), id % 256) .. '\1\0\0\1\0\0\0\0\0\0'
  return header .. table.concat(labels) .. '\0' .. '\0\1\0\1'
end

local function number(data, at)
  local high, low = byte(data, at, at + 1)
  return high * 256 + low
end

--- The position behind the name that starts at `at`.
local function skip_name(data, at)
  while true do
    local length = byte(data, at)
    if not length then return nil end
    if length == 0 then return at + 1 end
    if length >= 192 then return at + 2 end
    at = at + length + 1
  end
end

--- Addresses and the shortest time to live of an answer's A records.
local function parse(data)
  local code = byte(data, 4) % 16
  if code ~= 0 then return nil, 'name server answered code ' .. code end
  local count, at = number(data, 7), 13
  for _ = 1, number(data, 5) do at = skip_name(data, at) + 4 end
  local addresses, ttl = {}, LONGEST_MEMORY
  for _ = 1, count do
    at = skip_name(data, at)
    local kind, length = number(data, at), number(data, at + 8)
    if kind == TYPE_A then
      insert(addresses, table.concat({ byte(data, at + 10, at + 13) }, '.'))
    end
    if kind == TYPE_A or kind == TYPE_CNAME then
      ttl = math.min(ttl, number(data, at + 4) * 65536 + number(data, at + 6))
    end
    at = at + 10 + length
  end
  if #addresses == 0 then return nil, 'no address' end
  return addresses, nil, ttl
end

local function ask(server, name)
  local id = math.random(0, 65535)
  local packet, err = question(name, id)
  if not packet then return nil, err end
  local socket = ngx.socket.udp()
  socket:settimeout(TIMEOUT)
  local ok, problem = socket:setpeername(server[1], server[2])
  if not ok then return nil, problem end
  local data
  for _ = 1, 2 do
    socket:send(packet)
    data, problem = socket:receive(4096)
    if data and #data >= 12 and number(data, 1) == id then break end
    data = nil
  end
  socket:close()
  if not data then return nil, problem or 'no answer' end
  local understood, addresses, problem_or_nil, ttl = pcall(parse, data)
  if not understood then return nil, 'unreadable answer of the name server' end
  return addresses, problem_or_nil, ttl
end

local function of_cluster(name)
  return name:match('%.svc$') or name:match('%.svc%.cluster%.local$')
end

local function name_servers(name)
  local own = settings.resolver and { settings.resolver:match('^(.-):?(%d*)$') }
  if own then own[2] = tonumber(own[2]) or 53 end
  if of_cluster(name) then return own and { own } or servers end
  local list = { unpack(servers) }
  if own then insert(list, own) end
  return list
end

local function lookup(name)
  local asked = name:match('%.svc$') and name .. '.cluster.local' or name
  local problem = 'no name server is known'
  for _, server in ipairs(name_servers(name)) do
    local addresses, err, ttl = ask(server, asked)
    if addresses then
      memory[name] = { addresses, ngx.now() + ttl }
      return addresses
    end
    problem = server[1] .. ':' .. server[2] .. ': ' .. (err or 'no answer')
  end
  return nil, 'cannot resolve ' .. name .. ': ' .. problem
end

--- A list of IPv4 addresses of a name, or nil and why. IPv6 literals come back as they are.
function _M.addresses(host)
  local name = host:lower():gsub('%.$', '')
  if name:match('^%d+%.%d+%.%d+%.%d+$') or name:match('^%[') then return { name } end
  if name == 'localhost' or name:match('%.localhost$') then return { '127.0.0.1' } end
  if hosts[name] then return { hosts[name] } end
  local known = memory[name]
  if known and known[2] > ngx.now() then return known[1] end
  return lookup(name)
end

return _M
