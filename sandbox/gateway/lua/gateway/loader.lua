-- SPDX-License-Identifier: GPL-3.0-or-later
--- Finds and loads policies: builtin ones beside this code, the others in POLICIES/NAME/VERSION.

local format = string.format
local cjson = require('cjson.safe')
local files = require('gateway.files')
local settings = require('gateway.settings')
local require_sandbox = require('gateway.require_sandbox')

local _M = {}

local here = debug.getinfo(1, 'S').source:match('^@(.*)/gateway/loader%.lua$')
local loaded = {} -- by "name version": one copy of a policy's code for each worker

local function folder_of(name, version)
  if version == 'builtin' then
    local builtin = format('%s/builtin/%s', here, name)
    if files.read(builtin .. '/init.lua') then return builtin, true end
  end
  local folder = format('%s/%s/%s', settings.policies_dir or '', name, version)
  local manifest = cjson.decode(files.read(folder .. '/apicast-policy.json') or '')
  if type(manifest) == 'table' and manifest.version ~= version then
    ngx.log(ngx.ERR, 'Not loading policy: ', name, ' path: ', folder, ' version: ', version, '~= ', manifest.version)
    return nil
  end
  return folder
end

local function safe(part)
  return type(part) == 'string' and part ~= '' and not part:find('/', 1, true) and not part:find('..', 1, true)
end

--- The policy's module; raises if there is none, or if its code does when it is loaded.
function _M.call(name, version)
  if not safe(name) or not safe(version) then error('not the name or version of a policy', 0) end
  local key = name .. ' ' .. version
  if loaded[key] then return loaded[key] end
  local folder, own = folder_of(name, version)
  if not folder then error('no policy of this version', 0) end
  loaded[key] = require_sandbox.new(folder, own)('init', true)
  return loaded[key]
end

--- The policy's module, or nil and why not. version: builtin if it is left out.
function _M.load(name, version)
  local ok, result = pcall(_M.call, name, version or 'builtin')
  if ok then return result end
  return nil, result
end

return _M
