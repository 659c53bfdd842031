-- SPDX-License-Identifier: GPL-3.0-or-later
--- Builtin `rate_limit`: limits of the gateway itself (fixed window, leaky bucket, connections), counted in its memory.

local Condition = require('gateway.condition')
local limiters = require('limiters')
local TemplateString = require('apicast.template_string')

local _M = require('apicast.policy').new('Rate Limit Policy', 'builtin')
local new = _M.new

local KINDS = { 'connections', 'leaky_bucket', 'fixed_window' }
local LISTS = {
  connections = 'connection_limiters', leaky_bucket = 'leaky_bucket_limiters', fixed_window = 'fixed_window_limiters',
}

local function prepared(kind, entry)
  local operations = {}
  for index, operation in ipairs((entry.condition or {}).operations or {}) do
    operations[index] = Condition.template_operation(operation)
  end
  return {
    kind = kind, options = entry, scope = entry.key.scope,
    name = TemplateString.new(entry.key.name, entry.key.name_type or 'plain'),
    condition = Condition.new(operations, (entry.condition or {}).combine_op),
  }
end

local function reaction(configured, status)
  local given = configured or {}
  return { status = given.status_code or status, exit = (given.error_handling or 'exit') == 'exit' }
end

--- configuration: {connection_limiters[], leaky_bucket_limiters[], fixed_window_limiters[], limits_exceeded_error}.
function _M.new(configuration)
  local self = new(configuration)
  local config = configuration or {}
  self.limiters = {}
  for _, kind in ipairs(KINDS) do
    for _, entry in ipairs(config[LISTS[kind]] or {}) do
      self.limiters[#self.limiters + 1] = prepared(kind, entry)
    end
  end
  self.exceeded = reaction(config.limits_exceeded_error, 429)
  if config.redis_url and config.redis_url ~= '' then
    ngx.log(ngx.WARN, 'rate_limit: redis_url is not used here, the limits are counted in memory')
  end
  return self
end

local function key_of(limiter, context)
  local key = limiter.kind .. '_' .. tostring(limiter.name:render(context))
  if limiter.scope == 'global' then return key end
  return context.service.id .. '_' .. key
end

function _M:access(context)
  local chosen = {}
  for _, limiter in ipairs(self.limiters) do
    if limiter.condition:evaluate(context) then
      chosen[#chosen + 1] = limiters.new(limiter.kind, limiter.options, key_of(limiter, context))
    end
  end
  for _, limiter in ipairs(chosen) do
    if not limiter:admits() then
      ngx.log(ngx.WARN, 'Requests over the limit.')
      if self.exceeded.exit then return ngx.exit(self.exceeded.status) end
      return nil, 'limits exceeded'
    end
  end
  local delay = 0
  for _, limiter in ipairs(chosen) do delay = math.max(delay, limiter:take()) end
  context[self] = chosen
  if delay > 0 then ngx.sleep(delay) end
  return true, delay
end

function _M:log(context)
  for _, limiter in ipairs(context[self] or {}) do limiter:leave() end
end

return _M
