-- SPDX-License-Identifier: GPL-3.0-or-later
--- Asks the backend whether a key is good, and which models its plan opens. Both are read-only calls: nothing is counted.

local find, format = string.find, string.format
local ipairs, pairs, tonumber, tostring = ipairs, pairs, tonumber, tostring
local ngx = ngx
local backend_client = require('apicast.backend_client')
local lrucache = require('resty.lrucache')

local _M = {}

local REMEMBERED, SECONDS = 10000, 60
local opened = lrucache.new(REMEMBERED)

local function ask(context, usage)
  return backend_client:new(context.service):authorize(usage, context.credentials)
end

local function over_limit(answer)
  return answer.status == 409 and answer.headers['3scale-rejection-reason'] == 'limits_exceeded'
end

--- Whether the key is good; one whose limits are used up is. Other policies hear the backend's answer.
function _M.is_known(context)
  local answer = ask(context, {})
  if answer.status == 200 or over_limit(answer) then return true end
  if context.publish_backend_auth then context:publish_backend_auth(answer) end
  return false
end

--- Usage of 1 of every metric that the mapping rules below a path name for their own backend.
local function usage_of(service, path)
  local usage
  for _, rule in ipairs(service.rules or {}) do
    if rule.owner_id and find(rule.pattern, path .. '/', 1, true) == 1 then
      usage = usage or {}
      usage['usage[' .. rule.system_name .. ']'] = 1
    end
  end
  return usage
end

--- Whether the plan has a limit of 0 on one of the metrics.
local function is_open(context, path)
  local usage = usage_of(context.service, path)
  if not usage then return true end
  local answer = ask(context, usage)
  return not (over_limit(answer) and tonumber(answer.headers['3scale-limit-max-value']) == 0)
end

local function key_of(context, path)
  local parts = { tostring(context.service.id), path }
  for _, value in pairs(context.credentials) do parts[#parts + 1] = tostring(value) end
  return table.concat(parts, '\n')
end

local function is_open_by_memory(context, path)
  local key = key_of(context, path)
  local known = opened:get(key)
  if known == nil then
    known = is_open(context, path)
    opened:set(key, known, SECONDS)
  end
  return known
end

--- Those of the models that the key's plan opens.
function _M.of(context, models)
  local list = {}
  for _, model in ipairs(models) do
    if is_open_by_memory(context, model.path) then list[#list + 1] = model end
  end
  ngx.log(ngx.DEBUG, format('%d of %d models are open', #list, #models))
  return list
end

return _M
