-- SPDX-License-Identifier: GPL-3.0-or-later
--- A `require` and an environment for one policy. It sees the globals below and no others; what it sets itself stays its own
-- (but for what it writes into _G or into these libraries, which all policies share). Modules that the gateway has loaded come
-- first, then the files of the policy's folder, then all that the gateway can load.

local concat = table.concat
local error = error
local format = string.format
local loadfile = loadfile
local package = package
local pcall = pcall
local root_require = require
local setmetatable = setmetatable
local getmetatable = getmetatable
local tostring = tostring
local type = type

local _M = {}

local GLOBALS = [[
  _VERSION assert print xpcall pcall error unpack next ipairs pairs select collectgarbage gcinfo newproxy loadstring load
  setmetatable getmetatable tonumber tostring type rawget rawequal rawlen rawset ngx arg
]]

local LIBRARIES = {
  bit = 'arshift band bnot bor bswap bxor lshift rol ror rshift tobit tohex',
  coroutine = 'create resume running status wrap yield isyieldable',
  debug = 'traceback',
  io = 'open close flush tmpfile type input output stderr stdin stdout popen read lines write',
  math = 'abs acos asin atan atan2 ceil cos cosh deg exp floor fmod frexp ldexp log pi log10 max min modf pow rad random ' ..
    'randomseed huge sin sinh sqrt tan tanh',
  os = 'clock date time difftime execute getenv rename tmpname remove',
  string = 'byte char dump find format lower upper len gmatch match gsub sub rep reverse',
  table = 'concat foreach foreachi getn insert maxn move pack remove sort unpack',
}

local function copy(names, from, to)
  for name in names:gmatch('%S+') do to[name] = from[name] end
  return to
end

local shared = copy(GLOBALS, _G, {})
for library, names in pairs(LIBRARIES) do shared[library] = copy(names, _G[library], {}) end
shared._G = shared

-- APIcast's LuaJIT is built with parts of Lua 5.2 that Debian's lacks.
shared.rawlen = shared.rawlen or function(value) return #value end
shared.table.pack = shared.table.pack or function(...) return { n = select('#', ...), ... } end
shared.table.unpack = shared.table.unpack or unpack
shared.coroutine.isyieldable = shared.coroutine.isyieldable or function() return coroutine.running() ~= nil end

--- The modules of this gateway's own machinery: to a policy they are not there.
local function hidden(name)
  return name:find('^gateway%.') ~= nil
end

-- What APIcast's image brings along, by the first part of the names; here it comes from --lua-path.
local OF_APICAST = {}
for name in (
  '3scale_batcher apicast date inspect jsonschema lfs liquid lyaml net nginx pl prometheus resty router'
):gmatch('%S+') do
  OF_APICAST[name] = true
end

local lacking_mt = { __tostring = function(lacking)
  return format("module '%s' not found: APIcast brings it along, this gateway takes it from --lua-path", lacking.module)
end }

--- Whether an error says that a module is missing which the real gateway has.
function _M.is_lacking(err)
  return getmetatable(err) == lacking_mt
end

local KEPT = { table = true, ['function'] = true, boolean = true, string = true }

--- Modules that failed halfway have left a mark of LuaJIT's own, which would be taken for them.
local function forget_failed_modules()
  for name, module in pairs(package.loaded) do
    if not KEPT[type(module)] then package.loaded[name] = nil end
  end
end

local function gateway_module(name, own)
  if not own and hidden(name) then error(format("module '%s' not found", name), 0) end
  local ok, result = pcall(root_require, name)
  if ok then return result end
  forget_failed_modules()
  if _M.is_lacking(result) then error(result, 0) end
  local missing = tostring(result):match("module '([^']+)' not found:")
  if missing and OF_APICAST[missing:match('^[^.]+')] then error(setmetatable({ module = missing }, lacking_mt), 0) end
  error(result, 0)
end

--- A function like require: (name, exclusive); exclusive: nothing but the folder and what is loaded already.
-- own: the folder is of a policy that comes with this gateway and may use its machinery.
function _M.new(folder, own)
  local loaded, path = {}, folder .. '/?.lua'
  local environment = setmetatable({}, { __index = own and _G or shared })

  local function own_require(name, exclusive)
    local module = loaded[name] or (own or not hidden(name)) and package.loaded[name]
    if module then return module end
    local file, missing = package.searchpath(name, path)
    if file then
      local chunk, err = loadfile(file, 'bt', environment)
      if not chunk then error(format("module '%s' not found:%s", name, err), 0) end
      module = chunk(name, file)
    elseif exclusive then
      error(format("module '%s' not found:%s", name, concat({ missing })), 0)
    else
      module = gateway_module(name, own)
    end
    if module ~= nil then loaded[name] = module end
    if loaded[name] == nil then loaded[name] = true end
    return loaded[name]
  end

  environment.require = own_require
  environment.package = {
    loaded = loaded, preload = package.preload, searchers = {}, searchpath = package.searchpath, path = path, cpath = '',
  }
  return own_require
end

return _M
