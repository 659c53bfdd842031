-- SPDX-License-Identifier: GPL-3.0-or-later
--- How much of which metric one request uses: deltas by metric, and the metrics in the order in which they were named.

local setmetatable = setmetatable
local ipairs = ipairs
local pairs = pairs
local concat = table.concat
local insert = table.insert
local remove = table.remove
local sort = table.sort

local _M = {}
local mt = { __index = _M }

function _M.new()
  return setmetatable({ deltas = {}, metrics = {} }, mt)
end

--- Adds; a metric added with 0 stays: it is a check of its limit that counts nothing.
function _M:add(metric, value)
  if self.deltas[metric] == nil then
    insert(self.metrics, metric)
    self.deltas[metric] = value
  else
    self.deltas[metric] = self.deltas[metric] + value
  end
end

function _M:remove_metric(metric)
  for index, name in ipairs(self.metrics) do
    if name == metric then
      remove(self.metrics, index)
      break
    end
  end
  self.deltas[metric] = nil
end

--- Adds all of another usage; a metric whose sum is then not above zero goes.
function _M:merge(other)
  for _, metric in ipairs(other.metrics) do
    self:add(metric, other.deltas[metric])
    if self.deltas[metric] <= 0 then
      self:remove_metric(metric)
    end
  end
end

--- The usage as parameters of the backend: {["usage[hits]"] = 1}.
function _M:format()
  local parameters = {}
  for _, metric in ipairs(self.metrics) do
    parameters['usage[' .. metric .. ']'] = self.deltas[metric]
  end
  return parameters
end

--- The same as one string in a stable order, as part of the key cache's keys.
function _M:encoded_format()
  local parts = {}
  for name, value in pairs(self:format()) do
    insert(parts, ngx.escape_uri(name) .. '=' .. ngx.escape_uri(value))
  end
  sort(parts)
  return concat(parts, '&')
end

function _M:get_max_delta()
  local max = 0
  for _, value in pairs(self.deltas) do
    if value > max then max = value end
  end
  return max
end

return _M
