-- SPDX-License-Identifier: GPL-3.0-or-later
--- A piece of an answer, in the phase body_filter. nginx holds most pieces in several buffers, and for such a one `ngx.arg[1]`
-- makes and clears memory of its size that is thrown away at once: as much as the answer is long. Here they are put together in
-- memory that stays. Where nginx's Lua module has not what that takes, `ngx.arg[1]` it is.

local pcall, tonumber = pcall, tonumber
local ngx = ngx
local has_ffi, ffi = pcall(require, 'ffi')
local has_core, core = pcall(require, 'resty.core.base')

local _M = {}

local ROOM = 65536 -- bytes; nginx's pieces are of 8 KiB unless it is told otherwise
local OK = 0

local function by_argument() return ngx.arg[1] end

-- Names of our own, which may be there already, as in inflate.lua.
local function is_there()
  pcall(ffi.cdef, [[
    int llm_usage_piece(void *request, const char **text, size_t *size) __asm__("ngx_http_lua_ffi_get_body_filter_param_body");
    int llm_usage_piece_copy(void *request, char *text) __asm__("ngx_http_lua_ffi_copy_body_filter_param_body");
  ]])
  return pcall(function() return ffi.C.llm_usage_piece, ffi.C.llm_usage_piece_copy end)
end

local function by_buffers()
  local C, text_of, get_request, several = ffi.C, ffi.string, core.get_request, core.FFI_AGAIN
  local text, size = ffi.new('const char *[1]'), ffi.new('size_t[1]')
  local room = ffi.new('char[?]', ROOM)
  return function()
    local request = get_request()
    local found = C.llm_usage_piece(request, text, size)
    local length = tonumber(size[0])
    if found == OK then return length > 0 and text_of(text[0], length) or '' end
    if found ~= several or length > ROOM or C.llm_usage_piece_copy(request, room) ~= OK then return by_argument() end
    return text_of(room, length)
  end
end

--- The piece as text; may be empty.
_M.text = has_ffi and has_core and is_there() and by_buffers() or by_argument

return _M
