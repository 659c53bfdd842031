-- SPDX-License-Identifier: GPL-3.0-or-later
--- One mapping rule: method, pattern (a prefix; `{name}` stands for characters without slash; `$` ends it; a query string
-- names arguments that must be there), metric, delta, `last`.

local re_match = ngx.re.match
local re_gsub = ngx.re.gsub
local setmetatable = setmetatable

local _M = {}
local mt = { __index = _M }

local VARIABLE = [[\{[-\w_]+\}]]

local function to_regex(pattern)
  local regex = re_gsub(pattern, [[//+]], '/', 'oj')
  regex = re_gsub(regex, [[\?.*]], '', 'oj')
  regex = re_gsub(regex, [[\{.+?\}]], [[([\w\-.~%!$$&'()*+,;=@:]+)]], 'oj')
  return '^' .. re_gsub(regex, [[\.]], [[\.]], 'oj')
end

--- The arguments that the pattern itself names, for configurations that don't carry them apart.
local function arguments_of(pattern)
  local query = pattern:match('%?(.*)$')
  return query and ngx.decode_args(query) or {}
end

--- rule: an entry of proxy_rules in the proxy configuration.
function _M.new(rule)
  local arguments = rule.querystring_parameters
  if type(arguments) ~= 'table' or next(arguments) == nil then arguments = arguments_of(rule.pattern) end
  return setmetatable({
    method = rule.http_method,
    pattern = rule.pattern,
    regex = to_regex(rule.pattern),
    arguments = arguments,
    system_name = rule.metric_system_name,
    delta = rule.delta,
    last = rule.last == true,
    owner_id = rule.owner_type == 'BackendApi' and tonumber(rule.owner_id) or nil,
  }, mt)
end

local function arguments_match(wanted, given)
  for name, value in pairs(wanted) do
    local got = given[name]
    if re_match(value, VARIABLE, 'oj') then
      if not got then return false end
    else
      if type(got) == 'table' then got = got[#got] end
      if got ~= value then return false end
    end
  end
  return true
end

--- uri: the decoded and normalized path, special characters escaped again; arguments: as ngx.req.get_uri_args().
function _M:matches(method, uri, arguments)
  return (self.method == method or self.method == 'ANY')
    and re_match(uri, self.regex, 'oj') ~= nil
    and arguments_match(self.arguments, arguments)
end

return _M
