-- SPDX-License-Identifier: GPL-3.0-or-later
--- The policies of one product in their order. An error that a policy throws is swallowed and the next policy is called, and a
-- policy that can't be loaded is left out with one warning, unless the chain exports policy_error_callback (`on_failed`).

local ipairs = ipairs
local pairs = pairs
local pcall = pcall
local setmetatable = setmetatable
local loader = require('gateway.loader')
local phases = require('apicast.policy').phases

local _M = {}
local mt = { __index = _M }

local function instance(entry)
  local module, err = loader.load(entry.name, entry.version)
  if not module then return nil, err end
  local configuration = entry.configuration
  if configuration == ngx.null then configuration = nil end
  local ok, policy, err_of_new = pcall(module.new, configuration)
  if ok then return policy, err_of_new end
  ngx.log(ngx.ERR, 'Policy ', entry.name, ' crashed in .new(). It will be ignored.')
  return nil, policy
end

--- entries: [{name, version, configuration}] of the product's proxy configuration.
function _M.new(entries)
  local self = setmetatable({ policies = {} }, mt)
  for _, entry in ipairs(entries or {}) do
    local policy, err = instance(entry)
    if policy then
      self.policies[#self.policies + 1] = policy
    elseif err then -- one whose new() returns nothing is left out without a word
      self.init_failed = { entry.name, err }
      ngx.log(ngx.WARN, 'failed to load policy: ', entry.name, ' version: ', entry.version, ' err: ', tostring(err))
    end
  end
  return self
end

--- What the policies export now; the first of the chain that exports a name wins. An error of an export is the caller's.
function _M:exports()
  local exports = {}
  for _, policy in ipairs(self.policies) do
    for name, value in pairs(policy.export and policy:export() or {}) do
      if exports[name] == nil then exports[name] = value end
    end
  end
  return exports
end

local function failed(context, name, err)
  if context.policy_error_callback then context.policy_error_callback(name, err) end
end

-- Later than these the answer is on its way: a request that a policy's absence ended here must not be ended once more.
local BEFORE_THE_ANSWER = { rewrite = true, access = true, content = true }

--- Calls one phase of every policy.
function _M:call(phase, context)
  if self.init_failed and BEFORE_THE_ANSWER[phase] then failed(context, self.init_failed[1], self.init_failed[2]) end
  for _, policy in ipairs(self.policies) do
    local ok, err = pcall(policy[phase], policy, context)
    if not ok then
      ngx.log(ngx.DEBUG, 'policy ', policy._NAME, ' failed in ', phase, ': ', err)
      failed(context, policy._NAME, err)
    end
  end
end

_M.phases = phases

return _M
