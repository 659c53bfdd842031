-- SPDX-License-Identifier: GPL-3.0-or-later
--- A `require` for one policy: its own folder first, then the gateway's shared modules. What it loads from its folder nobody
-- else sees, and the globals that it sets stay its own.

local setmetatable = setmetatable
local format = string.format
local gsub = string.gsub
local root_require = require

local _M = {}

local function find(folders, name)
  local file = gsub(name, '%.', '/')
  for _, folder in ipairs(folders) do
    for _, shape in ipairs({ '%s/%s.lua', '%s/%s/init.lua', '%s/vendor/%s.lua' }) do
      local path = format(shape, folder, file)
      local handle = io.open(path)
      if handle then
        handle:close()
        return path
      end
    end
  end
end

--- A function like require over the given folders. exclusive: nothing but the folders.
function _M.new(folders)
  local loaded = {}
  local environment = setmetatable({}, { __index = _G })
  environment._G = environment
  environment.package = { loaded = loaded, preload = {}, path = '', cpath = '' }

  local function own_require(name, exclusive)
    if loaded[name] ~= nil then return loaded[name] end
    local path = find(folders, name)
    if not path then
      if exclusive then error(format("module '%s' not found in %s", name, table.concat(folders, ', ')), 0) end
      return root_require(name)
    end
    local chunk, err = loadfile(path)
    if not chunk then error(err, 0) end
    local module = setfenv(chunk, environment)(name, path)
    loaded[name] = module == nil and (loaded[name] or true) or module
    return loaded[name]
  end

  environment.require = own_require
  return own_require
end

return _M
