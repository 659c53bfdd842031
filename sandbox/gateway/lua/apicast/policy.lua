-- SPDX-License-Identifier: GPL-3.0-or-later
--- What every policy is made from: a table with a name, a version, new() and one method that does nothing for each phase.

local setmetatable = setmetatable
local format = string.format
local ipairs = ipairs

local _M = {}

local INIT_PHASES = { 'init', 'init_worker' }
local REQUEST_PHASES = {
  'rewrite', 'access', 'content', 'balancer', 'header_filter', 'body_filter',
  'post_action', 'log', 'metrics', 'ssl_certificate',
}

local function nothing() end

local function to_text(policy)
  return format('Policy: %s (%s)', policy._NAME, policy._VERSION)
end

local function same(one, other)
  return one._NAME == other._NAME and one._VERSION == other._VERSION
end

--- The names of all phases, the two of the process first.
function _M.phases()
  local all = {}
  for _, list in ipairs({ INIT_PHASES, REQUEST_PHASES }) do
    for _, phase in ipairs(list) do
      all[#all + 1] = phase
    end
  end
  return ipairs(all)
end

function _M.request_phases()
  return ipairs(REQUEST_PHASES)
end

--- A new policy module and the metatable of its instances.
function _M.new(name, version)
  local policy = { _NAME = name, _VERSION = version or '0.0' }
  local mt = { __index = policy, __tostring = to_text, policy = policy }

  function policy.new()
    return setmetatable({}, mt)
  end

  for _, phase in _M.phases() do
    policy[phase] = nothing
  end
  return setmetatable(policy, { __tostring = to_text, __eq = same }), mt
end

return _M
