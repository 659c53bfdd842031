-- SPDX-License-Identifier: GPL-3.0-or-later
--- Tells the backend what was used: by calls of its own after the answer, never as part of an authorization (which would drop the
-- tokens of an answer that goes over the limit). What one key uses while a report for it is on its way goes into the next one;
-- several keys never share a report, since the backend drops one as a whole if it does not know one of its keys.

local ipairs, pairs, pcall, tostring = ipairs, pairs, pcall, tostring
local concat, insert, sort = table.concat, table.insert, table.sort
local format = string.format
local ngx = ngx
local backend_client = require('apicast.backend_client')

local _M = {}

local ACCEPTED = 202 -- the backend's answer to a report; whether it counts is decided later
local LONGEST = 60 -- seconds of a report, both tries

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
local function deliver(job)
  local ok, problem = send(job.service, job.kind, job.value, job.usage)
  if not ok then ok, problem = send(job.service, job.kind, job.value, job.usage) end
  if ok then return end
  ngx.log(ngx.ERR, 'usage lost: product ', job.service.id, ', request ', job.request, ': ', as_text(job.usage),
    '; the backend answered: ', problem)
end

local function add(job, usage)
  for metric, value in pairs(usage) do job.usage[metric] = (job.usage[metric] or 0) + value end
end

--- Reports by product and key: the one on its way or about to be; its `next` gathers what the same key has used meanwhile.
local under_way = {}

local function run(premature, id, job)
  under_way[id], job.began = job, ngx.now()
  local ok, problem = pcall(deliver, job)
  if not ok then ngx.log(ngx.ERR, 'usage lost: ', as_text(job.usage), '; ', problem) end
  under_way[id] = job.next
  if not job.next then return end
  -- a timer, so that no client has to wait for the reports of others; without one (the gateway ends) it is sent right here
  if premature or not ngx.timer.at(0, run, id, job.next) then return run(premature, id, job.next) end
end

--- Whether a report is not going to come to an end, since what sent it was killed.
local function is_stuck(job)
  return job.began and ngx.now() - job.began > LONGEST
end

--- usage: {[metric] = whole number above 0}.
function _M.send(context, usage)
  local kind, value = client_of(context.credentials)
  if not kind then return ngx.log(ngx.ERR, 'usage not reported, no credentials: ', as_text(usage)) end
  local id = concat({ tostring(context.service.id), kind, value }, '\n')
  local job = { service = context.service, kind = kind, value = value, usage = usage, request = ngx.var.request_id }
  local other = under_way[id]
  if other and is_stuck(other) then
    if other.next then add(job, other.next.usage) end
    other = nil
  end
  if not other then return run(false, id, job) end
  local waiting = other.began and other.next or not other.began and other
  if waiting then
    add(waiting, usage)
  else
    other.next = job
  end
end

return _M
