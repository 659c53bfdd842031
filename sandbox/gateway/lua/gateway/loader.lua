-- SPDX-License-Identifier: GPL-3.0-or-later
--- Finds and loads policies: builtin ones beside this code, the others in POLICIES/NAME/VERSION.

local format = string.format
local cjson = require('cjson.safe')
local settings = require('gateway.settings')
local require_sandbox = require('gateway.require_sandbox')

local _M = {}

local here = debug.getinfo(1, 'S').source:match('^@(.*)/gateway/loader%.lua$')
local loaded = {} -- by "name version": one copy of a policy's code for each worker

local function read_file(path)
  local handle = io.open(path)
  if not handle then return nil end
  local text = handle:read('*a')
  handle:close()
  return text
end

local function folder_of(name, version)
  if version == 'builtin' then
    local builtin = format('%s/builtin/%s', here, name)
    if read_file(builtin .. '/init.lua') then return builtin end
  end
  local folder = format('%s/%s/%s', settings.policies_dir or '', name, version)
  local manifest = cjson.decode(read_file(folder .. '/apicast-policy.json') or '')
  if type(manifest) == 'table' and manifest.version ~= version then
    ngx.log(ngx.ERR, 'Not loading policy: ', name, ' path: ', folder, ' version: ', version, ' ~= ', manifest.version)
    return nil
  end
  return folder
end

local function safe(part)
  return type(part) == 'string' and part ~= '' and not part:find('/', 1, true) and not part:find('..', 1, true)
end

local function load(name, version)
  if not safe(name) or not safe(version) then error('not the name or version of a policy', 0) end
  local folder = folder_of(name, version)
  if not folder then error('no policy of this version', 0) end
  local module = require_sandbox.new({ folder })('init', true)
  if type(module) ~= 'table' then error('init.lua returned no policy', 0) end
  return module
end

--- The policy's module, or nil and why not.
function _M.load(name, version)
  local key = tostring(name) .. ' ' .. tostring(version)
  if loaded[key] then return loaded[key] end
  local ok, result = pcall(load, name, version)
  if not ok then return nil, result end
  loaded[key] = result
  return result
end

--- Every policy that lies in the policies folder, for the phases of the process.
function _M.all()
  local modules = {}
  for _, entry in ipairs(settings.policies or {}) do
    local module = _M.load(entry[1], entry[2])
    if module then modules[#modules + 1] = module end
  end
  return modules
end

return _M
