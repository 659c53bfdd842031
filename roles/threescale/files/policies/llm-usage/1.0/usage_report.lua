-- SPDX-License-Identifier: GPL-3.0-or-later
--- Tells the backend what was used: one call after the answer, never part of an authorization (which would drop the tokens of an
-- answer that goes over the limit).

local ipairs, next, pairs, pcall, tostring = ipairs, next, pairs, pcall, tostring
local concat, insert, sort = table.concat, table.insert, table.sort
local format = string.format
local ngx = ngx
local backend_client = require('apicast.backend_client')

local _M = {}

local ACCEPTED = 202 -- the backend's answer to a report; whether it counts is decided later

--- The client of this request: type and value of its credentials.
local function client_of(credentials)
  for _, kind in ipairs({ 'user_key', 'app_id' }) do
    if credentials and credentials[kind] then return kind, credentials[kind] end
  end
end

local function send(service, kind, value, usage)
  local ok, answer = pcall(function()
    return backend_client:new(service):report({ credentials_type = kind, reports = { [value] = usage } })
  end)
  if not ok then return false, answer end
  if answer and answer.status == ACCEPTED then return true end
  return false, answer and (answer.error or 'status ' .. tostring(answer.status)) or 'no answer'
end

local function as_text(usage)
  local parts = {}
  for metric, value in pairs(usage) do insert(parts, format('%s=%d', metric, value)) end
  sort(parts)
  return concat(parts, ' ')
end

--- usage: {[metric] = whole number above 0}. Tried twice; what is lost then stands in the log, without the key.
function _M.send(context, usage)
  if next(usage) == nil then return end
  local kind, value = client_of(context.credentials)
  if not kind then return ngx.log(ngx.ERR, 'usage not reported, no credentials: ', as_text(usage)) end
  local ok, problem = send(context.service, kind, value, usage)
  if not ok then ok, problem = send(context.service, kind, value, usage) end
  if ok then return end
  ngx.log(ngx.ERR, 'usage lost: product ', context.service.id, ', request ', ngx.var.request_id, ': ', as_text(usage),
    '; the backend answered: ', problem)
end

return _M
