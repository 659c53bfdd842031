-- SPDX-License-Identifier: GPL-3.0-or-later
--- Reads what a model compressed although it was asked not to (gzip, deflate), piece by piece, with the zlib that nginx itself is
-- linked with. Where there is none, open() gives nil, and the answer is estimated.

local ipairs, pcall, setmetatable = ipairs, pcall, setmetatable
local concat = table.concat
local has_ffi, ffi = pcall(require, 'ffi')

local _M = {}
local mt = { __index = _M }

local ANY_FORMAT = 15 + 32 -- largest window; gzip or zlib by its head
local ROOM = 32768
local OK, STREAM_END, BUFFER_ERROR = 0, 1, -5

-- Names of our own, so that no other code's declarations are in the way. Another version of this policy may have made the same
-- ones before: that fails, and does no harm.
local function declare()
  pcall(ffi.cdef, [[
    typedef struct llm_usage_z_stream {
      const uint8_t *next_in; unsigned avail_in; unsigned long total_in;
      uint8_t *next_out; unsigned avail_out; unsigned long total_out;
      const char *msg; void *state; void *zalloc; void *zfree; void *opaque;
      int data_type; unsigned long adler; unsigned long reserved;
    } llm_usage_z_stream;
  ]])
  pcall(ffi.cdef, [[
    const char *llm_usage_zlib_version(void) __asm__("zlibVersion");
    int llm_usage_inflate_init(void *stream, int bits, const char *version, int size) __asm__("inflateInit2_");
    int llm_usage_inflate(void *stream, int flush) __asm__("inflate");
    int llm_usage_inflate_end(void *stream) __asm__("inflateEnd");
  ]])
end

local function library()
  if not has_ffi then return nil end
  declare()
  if pcall(function() return ffi.C.llm_usage_inflate end) then return ffi.C end
  for _, name in ipairs({ 'z', 'libz.so.1' }) do
    local ok, found = pcall(ffi.load, name)
    if ok then return found end
  end
end

local zlib = library()
local room = zlib and ffi.new('uint8_t[?]', ROOM)

--- A reader for one answer, or nil.
function _M.open()
  if not zlib then return nil end
  local stream = ffi.new('llm_usage_z_stream')
  if zlib.llm_usage_inflate_init(stream, ANY_FORMAT, zlib.llm_usage_zlib_version(), ffi.sizeof(stream)) ~= OK then return nil end
  ffi.gc(stream, zlib.llm_usage_inflate_end)
  return setmetatable({ stream = stream }, mt)
end

--- The text in a piece; nil where it can't be read.
function _M:feed(piece)
  local stream, parts = self.stream, {}
  local code
  stream.next_in, stream.avail_in = piece, #piece
  repeat
    stream.next_out, stream.avail_out = room, ROOM
    code = zlib.llm_usage_inflate(stream, 0)
    parts[#parts + 1] = ffi.string(room, ROOM - stream.avail_out)
  until code ~= OK or stream.avail_out > 0
  stream.next_in = nil
  if code ~= OK and code ~= STREAM_END and code ~= BUFFER_ERROR then return nil end
  return concat(parts)
end

return _M
