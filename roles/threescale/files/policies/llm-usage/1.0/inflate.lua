-- SPDX-License-Identifier: GPL-3.0-or-later
--- Reads what a model compressed although it was asked not to (gzip, deflate), piece by piece, with the zlib that nginx itself is
-- linked with. Where there is none, open() gives nil, and the answer is estimated.

local ipairs, pcall, setmetatable = ipairs, pcall, setmetatable
local byte = string.byte
local concat = table.concat
local has_ffi, ffi = pcall(require, 'ffi')

local _M = {}
local mt = { __index = _M }

local ANY_FORMAT, NO_FORMAT = 15 + 32, -15 -- largest window; gzip or zlib by its head, or neither
local ROOM = 32768
local GZIP = 31 -- its first byte
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
  pcall(ffi.cdef, [[
    int llm_usage_inflate_reset(void *stream) __asm__("inflateReset");
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

local function begin(self, bits)
  local stream = ffi.new('llm_usage_z_stream')
  if zlib.llm_usage_inflate_init(stream, bits, zlib.llm_usage_zlib_version(), ffi.sizeof(stream)) ~= OK then return nil end
  self.stream = ffi.gc(stream, zlib.llm_usage_inflate_end)
  return self
end

--- A reader for one answer, or nil. encoding: its Content-Encoding.
function _M.open(encoding)
  if not zlib then return nil end
  if encoding == 'gzip' or encoding == 'x-gzip' then return begin(setmetatable({}, mt), ANY_FORMAT) end
  return encoding == 'deflate' and setmetatable({ head = '' }, mt) or nil
end

--- Deflate means zlib's format, but many send the bare stream; the first two bytes tell.
local function format_of(text)
  local first, second = byte(text, 1, 2)
  local is_gzip, is_zlib = first == GZIP, first % 16 == 8 and (first * 256 + second) % 31 == 0
  return (is_gzip or is_zlib) and ANY_FORMAT or NO_FORMAT
end

--- Reads what is in stream.next_in; gives the code with which zlib stopped.
local function read(stream, parts)
  local code
  repeat
    stream.next_out, stream.avail_out = room, ROOM
    code = zlib.llm_usage_inflate(stream, 0)
    parts[#parts + 1] = ffi.string(room, ROOM - stream.avail_out)
  until code ~= OK or stream.avail_out > 0
  return code
end

--- Whether another stream begins behind the one that has ended: gzip may be made of several.
local function goes_on(stream)
  return stream.avail_in > 0 and stream.next_in[0] == GZIP and zlib.llm_usage_inflate_reset(stream) == OK
end

--- The text in a piece; nil where it can't be read.
function _M:feed(piece)
  if self.head then
    piece = self.head .. piece
    self.head = #piece < 2 and piece or nil
    if self.head then return '' end
    if not begin(self, format_of(piece)) then return nil end
  end
  local stream, parts = self.stream, {}
  stream.next_in, stream.avail_in = piece, #piece
  if self.ended and not goes_on(stream) then return '' end
  local code
  repeat
    code = read(stream, parts)
  until code ~= STREAM_END or not goes_on(stream)
  self.ended = code == STREAM_END
  stream.next_in = nil
  if code ~= OK and code ~= STREAM_END and code ~= BUFFER_ERROR then return nil end
  return concat(parts)
end

return _M
