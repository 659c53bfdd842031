-- SPDX-License-Identifier: GPL-3.0-or-later
--- Redirects of a model server, written so that they lead back to the gateway. Pure.

local find, lower, match, sub = string.find, string.lower, string.match, string.sub

local _M = {}

--- What two paths, as the client sent it and as the model got it, have in front of their common end.
local function prefixes(asked, sent)
  local a, s = #asked, #sent
  while a > 0 and s > 0 and sub(asked, a, a) == sub(sent, s, s) do a, s = a - 1, s - 1 end
  return sub(asked, 1, a), sub(sent, 1, s)
end

local function is_internal(host)
  return find(host, '%.svc$') or find(host, '%.local$') or find(host, '^[%d.]+$') or find(host, '^%[')
    or not find(host, '.', 1, true)
end

--- The path behind the address, or nil where the address is somebody else's.
local function own_path(location, upstream)
  local authority, path = match(location, '^%a[%w+.-]*://([^/?#]*)(.*)$')
  if not authority then authority, path = match(location, '^//([^/?#]*)(.*)$') end
  if not authority then return location end
  authority = lower(authority)
  local host = match(authority, '^(%[.*%])') or match(authority, '^[^:]*')
  if authority ~= upstream and host ~= match(upstream, '^[^:]*') and not is_internal(host) then return nil end
  return path == '' and '/' or path
end

--- location: the header's value; upstream: the Host that the model was asked for; asked, sent: paths as the client sent it and as
-- the model got it.
function _M.public(location, upstream, asked, sent)
  local path = own_path(location, lower(upstream or ''))
  if not path then return location end
  if sub(path, 1, 1) ~= '/' then return path end
  local outside, inside = prefixes(asked, sent)
  if sub(path, 1, #inside) == inside then return outside .. sub(path, #inside + 1) end
  return path
end

return _M
