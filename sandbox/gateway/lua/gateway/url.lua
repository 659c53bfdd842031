-- SPDX-License-Identifier: GPL-3.0-or-later
--- Addresses taken apart and put together.

local _M = {}

local DEFAULT_PORTS = { http = 80, https = 443, ws = 80, wss = 443 }

function _M.default_port(scheme)
  return DEFAULT_PORTS[scheme]
end

--- {scheme, host, port (number, the scheme's own if none was written), path (nil if none), query}, or nil and why.
function _M.parse(url)
  if type(url) ~= 'string' then return nil, 'not a text' end
  local scheme, authority, rest = url:match('^(%a[%w+.-]*)://([^/?#]+)(.*)$')
  if not scheme or not DEFAULT_PORTS[scheme:lower()] then return nil, 'invalid address: ' .. url end
  local host, port = authority:gsub('^[^@]*@', ''):match('^(%[?[^%]]-%]?):?(%d*)$')
  if not host or host == '' then return nil, 'invalid address: ' .. url end
  local path, query = _M.split_path(rest:gsub('#.*$', ''))
  scheme = scheme:lower()
  return {
    scheme = scheme, host = host, port = tonumber(port) or DEFAULT_PORTS[scheme],
    path = path ~= '' and path or nil, query = query,
  }
end

--- Path and query (nil if there is none).
function _M.split_path(text)
  local path, query = text:match('^([^?]*)%??(.*)$')
  if not text:find('?', 1, true) then query = nil end
  return path, query
end

--- Two paths with exactly one slash between them.
function _M.join(first, second)
  if second == '' then return first end
  return (first:gsub('/+$', '')) .. '/' .. (second:gsub('^/+', ''))
end

return _M
