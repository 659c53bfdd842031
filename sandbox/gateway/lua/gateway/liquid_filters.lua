-- SPDX-License-Identifier: GPL-3.0-or-later
--- Liquid filters that policy configurations use, and those that the gateway adds to them.

local tostring = tostring

local _M = {
  escape_uri = ngx.escape_uri,
  unescape_uri = ngx.unescape_uri,
  encode_base64 = ngx.encode_base64,
  decode_base64 = ngx.decode_base64,
  md5 = ngx.md5,
}

local function replace_plain(text, old, new, times)
  text, old, new = tostring(text or ''), tostring(old or ''), tostring(new or '')
  if old == '' then return text end
  local start, done = 1, 0
  while done < times do
    local from, to = text:find(old, start, true)
    if not from then break end
    text = text:sub(1, from - 1) .. new .. text:sub(to + 1)
    start, done = from + #new, done + 1
  end
  return text
end

function _M.remove(text, old) return replace_plain(text, old, '', math.huge) end
function _M.remove_first(text, old) return replace_plain(text, old, '', 1) end
function _M.replace(text, old, new) return replace_plain(text, old, new, math.huge) end
function _M.replace_first(text, old, new) return replace_plain(text, old, new, 1) end
function _M.append(text, more) return tostring(text or '') .. tostring(more or '') end
function _M.prepend(text, more) return tostring(more or '') .. tostring(text or '') end
function _M.upcase(text) return tostring(text or ''):upper() end
function _M.downcase(text) return tostring(text or ''):lower() end
function _M.strip(text) return (tostring(text or ''):gsub('^%s+', ''):gsub('%s+$', '')) end

function _M.default(text, other)
  if text == nil or text == '' then return other end
  return text
end

return _M
