-- SPDX-License-Identifier: GPL-3.0-or-later
--- Finds a field of a form with files, without keeping the files: the body comes in chunks, and only the piece that is looked at
-- stays in memory.

local find, lower, match, sub = string.find, string.lower, string.match, string.sub

local _M = {}

local HEADERS, VALUE = 16384, 4096 -- bytes at most

--- The boundary in a Content-Type, or nil.
function _M.boundary(content_type)
  if not find(lower(content_type), '^multipart/form%-data') then return nil end
  local at = select(2, find(lower(content_type), 'boundary=', 1, true))
  return at and (match(content_type, '^"([^"]+)"', at + 1) or match(content_type, '^[^;%s]+', at + 1))
end

--- A window on the body. text: what is in memory; base: bytes before it.
local function window(next_chunk)
  local self = { text = '', base = 0 }

  function self.more()
    local chunk = next_chunk()
    if not chunk then return false end
    self.text = self.text .. chunk
    return true
  end

  function self.drop(count)
    self.text, self.base = sub(self.text, count + 1), self.base + count
  end

  --- Position behind a text, which is read for; what lies before is dropped if `dropping`, else there must not be more than `most`.
  function self.behind(wanted, dropping, most)
    local from = 1
    while true do
      local first, last = find(self.text, wanted, from, true)
      if first then return first, last end
      if most and #self.text > most then return nil end
      if dropping then self.drop(#self.text > #wanted and #self.text - #wanted or 0) end
      if not self.more() then return nil end
    end
  end

  return self
end

--- value, first, last (positions in the body, counted from 1) of the first field of that name, or nil.
-- next_chunk: gives the body's chunks, then nil.
function _M.find(next_chunk, boundary, name)
  local view = window(next_chunk)
  local delimiter = '--' .. boundary
  while true do
    local _, delimited = view.behind(delimiter, true)
    if not delimited then return nil end
    view.drop(delimited)
    local headers_end, last = view.behind('\r\n\r\n', false, HEADERS)
    if not headers_end then return nil end
    local field = match(sub(view.text, 1, headers_end), '[;%s][nN][aA][mM][eE]="?([^";\r\n]*)')
    if field == name then
      view.drop(last)
      local value_end = view.behind('\r\n' .. delimiter, false, VALUE)
      if not value_end then return nil end
      return sub(view.text, 1, value_end - 1), view.base + 1, view.base + value_end - 1
    end
    view.drop(headers_end - 1)
  end
end

return _M
