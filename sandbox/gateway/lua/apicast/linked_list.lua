-- SPDX-License-Identifier: GPL-3.0-or-later
--- A pair of tables read as one: what the first lacks is looked up in the second; writes go to the first.

local setmetatable = setmetatable
local error = error

local _M = {}

local function lookup(list, key)
  local value = list.current[key]
  if value == nil then return list.next[key] end
  return value
end

local readonly = { __index = lookup, __newindex = function() error('readonly list') end }
local readwrite = { __index = lookup, __newindex = function(list, key, value) list.current[key] = value end }

function _M.readonly(item, next)
  return setmetatable({ current = item or {}, next = next or {} }, readonly)
end

function _M.readwrite(item, next)
  return setmetatable({ current = item or {}, next = next or {} }, readwrite)
end

return _M
