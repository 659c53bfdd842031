-- SPDX-License-Identifier: GPL-3.0-or-later
--- Tells the backend what was used: by calls of its own after the answer, never as part of an authorization (which would drop the
-- tokens of an answer that goes over the limit). Several keys never share a report, since the backend drops one as a whole if it
-- does not know one of its keys.

local ipairs, pairs, pcall, tostring = ipairs, pairs, pcall, tostring
local concat, insert, sort = table.concat, table.insert, table.sort
local format = string.format
local ngx = ngx
local backend_client = require('apicast.backend_client')
local report_queue = require('report_queue')

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

--- Tried twice; what is lost then stands in the log, without the key.
local function deliver(_, job)
  local ok, problem = send(job.service, job.kind, job.value, job.usage)
  if not ok then ok, problem = send(job.service, job.kind, job.value, job.usage) end
  if ok then return end
  ngx.log(ngx.ERR, 'usage lost: product ', job.service.id, ', request ', job.request, ': ', as_text(job.usage),
    '; the backend answered: ', problem)
end

local function merge(job, other)
  for metric, value in pairs(other.usage) do job.usage[metric] = (job.usage[metric] or 0) + value end
end

local queue = report_queue.new(deliver, merge)

--- A call of the model begins. Gives what finish() wants to know, or nil without credentials.
function _M.begin(context)
  local kind, value = client_of(context.credentials)
  if not kind then return nil end
  local call = { id = concat({ tostring(context.service.id), kind, value }, '\n'), kind = kind, value = value }
  queue:begin(call.id)
  return call
end

--- The call has ended. usage: {[metric] = whole number above 0}, or nil.
function _M.finish(call, service, usage)
  local job = usage and {
    service = service, kind = call.kind, value = call.value, usage = usage, request = ngx.var.request_id,
  }
  queue:finish(call.id, job)
end

return _M
