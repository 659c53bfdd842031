-- SPDX-License-Identifier: GPL-3.0-or-later
--- Whole files.

local _M = {}

--- The text of a file, or nil if it can't be read.
function _M.read(path)
  local handle = io.open(path)
  if not handle then return nil end
  local text = handle:read('*a')
  handle:close()
  return text
end

return _M
