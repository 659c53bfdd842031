-- SPDX-License-Identifier: GPL-3.0-or-later
--- What a request uses, by the mapping rules of its product. All rules that match add up; a matching rule with `last` ends it.

local Usage = require('apicast.usage')

local _M = {}

local METHODS_WITH_BODY = { POST = true, PUT = true, PATCH = true }

--- Escaped as in a path: what the client may have sent as %20 is compared as %20.
local function escape_path(path)
  return (path:gsub('[%z\1-\32"#%%<>?\\^`{|}\127-\255]', function(one)
    return string.format('%%%02X', string.byte(one))
  end))
end

local function is_form(headers)
  local kind = headers['content-type']
  if type(kind) == 'table' then kind = table.concat(kind, ',') end
  return kind ~= nil and kind:lower():find('application/x-www-form-urlencoded', 1, true) ~= nil
end

--- Arguments of the body of a form, or nil.
function _M.form_arguments()
  if not METHODS_WITH_BODY[ngx.req.get_method()] or not is_form(ngx.req.get_headers()) then return nil end
  ngx.req.read_body()
  return ngx.req.get_post_args() or {}
end

local function request_arguments()
  local query = ngx.req.get_uri_args()
  local form = _M.form_arguments()
  return form and setmetatable(form, { __index = query }) or query
end

--- usage of this request, and the list of the rules that matched it.
function _M.usage_of(rules, method, path)
  local usage, matched = Usage.new(), {}
  local uri, arguments = escape_path(path), request_arguments()
  for _, rule in ipairs(rules) do
    if rule:matches(method, uri, arguments) then
      usage:add(rule.system_name, rule.delta or 0)
      matched[#matched + 1] = rule
      if rule.last then break end
    end
  end
  return usage, matched
end

--- What to take off again when the request goes to one backend of several: rules of the other backends.
function _M.usage_of_other_owners(matched, owner_id)
  local usage = Usage.new()
  for _, rule in ipairs(owner_id and matched or {}) do
    if rule.owner_id and rule.owner_id ~= owner_id then
      usage:add(rule.system_name, -(rule.delta or 0))
    end
  end
  return usage
end

return _M
