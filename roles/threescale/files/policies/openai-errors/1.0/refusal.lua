-- SPDX-License-Identifier: GPL-3.0-or-later
--- Why the gateway refused a request, and how OpenAI's clients are told. Pure.

local format, lower, sub = string.format, string.lower, string.sub
local concat = table.concat
local ipairs, pairs, tonumber = ipairs, pairs, tonumber
local encode = require('cjson.safe').encode

local _M = {}

local function error_of(status, kind, code, message)
  return { status = status, type = kind, code = code, message = message }
end

local function at_portal(settings)
  return settings.portal and format(' See %s.', settings.portal) or ''
end

local function with_retry(refusal, seconds)
  refusal.retry_after = seconds and seconds >= 0 and seconds or false
  return refusal
end

--- A used-up limit. answer: that of the backend.
local function over_limit(answer, settings)
  if answer.max == 0 then
    return with_retry(error_of(403, 'invalid_request_error', 'model_not_in_plan',
      'Your plan does not include this model.' .. at_portal(settings)), -1)
  end
  local seconds = answer.reset
  if not seconds or seconds < 0 or seconds > settings.quota_after then
    local refusal = error_of(429, 'insufficient_quota', 'insufficient_quota',
      'You have used up the quota of your plan.' .. at_portal(settings))
    refusal.hopeless = true
    return with_retry(refusal, seconds)
  end
  return with_retry(error_of(429, 'rate_limit_error', 'rate_limit_exceeded',
    format('Rate limit reached. Try again in %d seconds.%s', seconds, at_portal(settings))), seconds)
end

local REASONS = {
  application_not_active = { 403, 'invalid_request_error', 'application_suspended', 'Your application is suspended.' },
}

--- What the backend's answer means, or nil where it does not explain the refusal.
local function by_backend(answer, settings)
  if not answer then return nil end
  if answer.unreachable then
    return with_retry(error_of(503, 'server_error', 'service_unavailable', 'Keys can not be checked now. Try again.'), 5)
  end
  if answer.reason == 'limits_exceeded' then return over_limit(answer, settings) end
  local known = REASONS[answer.reason]
  return known and error_of(known[1], known[2], known[3], known[4] .. at_portal(settings))
end

local function paths_text(settings)
  return #settings.paths > 0 and format(' There is %s.', concat(settings.paths, ', ')) or ''
end

--- An unknown path; path: as the client sent it.
local function unknown_path(path, settings)
  local hint = ''
  for _, known in ipairs(settings.paths) do
    if sub(known, 1, 3) == '/v1' and '/v1' .. path == known then hint = ' Add /v1 to the base address.' end
  end
  return error_of(404, 'invalid_request_error', 'unknown_url', format('Unknown path %s.%s%s', path, hint, paths_text(settings)))
end

local BY_STATUS = {
  [401] = function(settings)
    return error_of(401, 'invalid_request_error', 'invalid_api_key', 'Incorrect API key provided.' .. at_portal(settings))
  end,
  [413] = function() return error_of(413, 'invalid_request_error', 'request_too_large', 'The request is too large.') end,
  [429] = function() return error_of(429, 'rate_limit_error', 'rate_limit_exceeded', 'Rate limit reached.') end,
  [502] = function() return error_of(502, 'server_error', 'model_unreachable', 'The model can not be reached.') end,
  [503] = function() return with_retry(error_of(503, 'server_error', 'service_unavailable', 'The service is not available.'), 5) end,
  [504] = function() return error_of(504, 'server_error', 'model_timeout', 'The model did not answer in time.') end,
}

local function by_status(status, settings)
  local known = BY_STATUS[status]
  if known then return known(settings) end
  local kind = status >= 500 and 'server_error' or 'invalid_request_error'
  return error_of(status, kind, nil, format('The gateway answered with status %d.', status))
end

--- Without key, or with one that the backend does not know.
local function unknown_key(facts, settings)
  local refusal = by_status(401, settings)
  if facts.keyless then refusal.message = 'You did not provide an API key.' .. at_portal(settings) end
  return refusal
end

local function reason_of(facts, settings)
  local refusal = by_backend(facts.backend, settings)
  if refusal then return refusal end
  if facts.no_match and (#settings.paths > 0 or not facts.is_json) then return unknown_path(facts.asked, settings) end
  if facts.is_json then return nil end -- the product's own text
  return facts.key_refused and unknown_key(facts, settings) or by_status(facts.status, settings)
end

--- {status, body, retry_after (seconds; false: none; nil: as it is), hopeless (to try again soon)}, or
-- nil where the answer is good as it stands.
-- facts: {status, is_json, asked (path), keyless, key_refused, no_match, backend = {reason, max, reset, unreachable}}.
function _M.of(facts, settings)
  local refusal = reason_of(facts, settings)
  if not refusal then return nil end
  refusal.body = format('{"error":{"message":%s,"type":%s,"param":null,"code":%s}}',
    encode(refusal.message), encode(refusal.type), refusal.code and encode(refusal.code) or 'null')
  return refusal
end

-- Headers of the backend's answers that matter here.
local SAID = {
  ['3scale-rejection-reason'] = 'reason', ['3scale-limit-max-value'] = 'max', ['3scale-limit-reset'] = 'reset',
  ['3scale-limit-remaining'] = 'remaining',
}

--- All are gone through: asking for one by its name is dear (docs/threescale-behaviour.md#gateway-client-headers).
local function said_in(headers)
  local said = {}
  for name, value in pairs(headers or {}) do
    local member = SAID[lower(name)]
    if member then said[member] = value end
  end
  return said
end

--- The backend's answer, as far as it matters. answer: {status, headers} of the gateway's client for it.
function _M.backend(answer)
  local status = answer.status
  if not status or status == 0 or status >= 499 then return { unreachable = true } end
  local said = said_in(answer.headers)
  return {
    accepted = status == 200,
    reason = status ~= 200 and said.reason or nil,
    max = tonumber(said.max), reset = tonumber(said.reset), remaining = tonumber(said.remaining),
  }
end

return _M
