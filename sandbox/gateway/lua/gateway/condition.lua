-- SPDX-License-Identifier: GPL-3.0-or-later
--- Conditions of policy configurations: operations (==, !=, matches) on texts, combined by `and` or `or`.

local TemplateString = require('apicast.template_string')

local _M = {}
local mt = { __index = _M }

local COMPARE = {
  ['=='] = function(left, right) return tostring(left) == tostring(right) end,
  ['!='] = function(left, right) return tostring(left) ~= tostring(right) end,
  matches = function(left, right) return ngx.re.match(tostring(left), tostring(right)) ~= nil end,
}

--- One operation as a function of the context. left: a function of the context.
function _M.operation(left, op, right, right_type)
  local compare = COMPARE[op] or error('Unsupported operation: ' .. tostring(op))
  local template = TemplateString.new(right, right_type or 'plain')
  return function(context) return compare(left(context), template:render(context)) end
end

--- The operation of {left, left_type, op, right, right_type}.
function _M.template_operation(entry)
  local left = TemplateString.new(entry.left, entry.left_type or 'plain')
  return _M.operation(function(context) return left:render(context) end, entry.op, entry.right, entry.right_type)
end

--- operations: functions of the context; combine: 'and' (default) or 'or'. No operations: `and` is true, `or` false.
function _M.new(operations, combine)
  return setmetatable({ operations = operations, any = combine == 'or' }, mt)
end

function _M:evaluate(context)
  for _, operation in ipairs(self.operations) do
    local holds = operation(context)
    if self.any and holds then return true end
    if not self.any and not holds then return false end
  end
  return not self.any
end

return _M
