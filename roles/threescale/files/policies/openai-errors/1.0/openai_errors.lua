-- SPDX-License-Identifier: GPL-3.0-or-later
--- Refusals, limits and redirects as OpenAI's clients understand them. What the model answers passes as it is. It must stand first
-- in the policy chain, so that it sees the refusals of all others.

local concat = table.concat
local find, lower, match, sub = string.find, string.lower, string.match, string.sub
local ipairs, pairs, pcall, tostring, type = ipairs, pairs, pcall, tostring, type
local ngx = ngx
local backend_client = require('apicast.backend_client')
local limits = require('limits')
local location = require('location')
local refusals = require('refusal')

local policy = require('apicast.policy')
local _M = policy.new('OpenAI errors', '1.0')
local new = _M.new

local EXPOSED = 'x-request-id, x-should-retry, retry-after'
for _, kind in ipairs({ 'requests', 'tokens' }) do
  for _, name in ipairs({ 'limit', 'remaining', 'reset' }) do EXPOSED = EXPOSED .. ', x-ratelimit-' .. name .. '-' .. kind end
end
local REDIRECTS = { 'Location', 'Content-Location' }

local function given(value, kind)
  return type(value) == kind and value or nil
end

--- configuration: {portal, paths, quota_after, rate_limit_headers, token_metric}; see the manifest.
function _M.new(configuration)
  local self = new(configuration)
  configuration = given(configuration, 'table') or {}
  local portal, metric = given(configuration.portal, 'string'), given(configuration.token_metric, 'string')
  self.settings = {
    portal = portal ~= '' and portal or nil,
    paths = given(configuration.paths, 'table') or {},
    quota_after = given(configuration.quota_after, 'number') or 3600,
    headers = configuration.rate_limit_headers ~= false,
    token_metric = metric ~= '' and metric or nil,
  }
  return self
end

--- Names the product and its client; nil for a request without key.
local function client_of(context, state)
  local credentials = not state.client and context.credentials
  if credentials then
    local parts = { tostring(context.service.id) }
    for name, value in pairs(credentials) do parts[#parts + 1] = name .. '=' .. tostring(value) end
    state.client = concat(parts, '\n')
  end
  return state.client
end

--- Whether the token metrics stand in the call for the backend.
local function asks_for_tokens(self, context)
  local metric, usage = self.settings.token_metric, context.usage
  return metric ~= nil and usage ~= nil and usage.deltas[metric] ~= nil
end

local function listen(self, context, state)
  if not context.add_backend_auth_subscriber then return end
  context.add_backend_auth_subscriber(context, function(_, answer)
    state.backend = refusals.backend(answer)
    local tells = state.backend.accepted or state.backend.reason == 'limits_exceeded'
    local client = self.settings.headers and tells and client_of(context, state)
    local kind = client and limits.kind_of(client, state.backend, asks_for_tokens(self, context))
    if kind then limits.remember(kind, client, state.backend) end
  end)
end

--- llm-usage says what it reported.
local function usage_reported(self, context, state)
  return function(usage)
    local client, spent = client_of(context, state), usage[self.settings.token_metric or '']
    if client and spent then limits.spend('tokens', client, spent) end
  end
end

function _M:rewrite(context)
  local state = { asked = match(ngx.var.request_uri or '/', '^[^?]*'), id = ngx.var.request_id }
  context[self] = state
  if not ngx.var.http_x_request_id then ngx.req.set_header('X-Request-Id', state.id) end
  listen(self, context, state)
  context.usage_reported = usage_reported(self, context, state)
end

--- Runs only for requests that were let in, before `apicast` sends them on.
function _M:content(context)
  if context[self] then context[self].admitted = true end
end

--- Whether the model has answered: nginx makes an answer of its own where it did not. What comes through a proxy for HTTPS does not
-- come by nginx's upstream; among such answers only the model's have a date by now.
local function model_answered(state)
  if not state.admitted then return false end
  local time = ngx.var.upstream_header_time
  if not time then return ngx.header.date ~= nil end
  return find(time, '[%d.]+$') ~= nil
end

local function is_json()
  local kind = ngx.header.content_type
  return type(kind) == 'string' and find(lower(kind), 'json', 1, true) ~= nil
end

local function facts_of(context, state)
  local service, status, usage = context.service or {}, ngx.status, context.usage
  local keyless, asked = not (context.credentials or context.extracted_credentials), state.backend
  return {
    status = status, is_json = is_json(), asked = state.asked, keyless = keyless,
    key_refused = keyless and status == service.auth_missing_status
      or asked and not asked.accepted and status == service.auth_failed_status,
    -- no mapping rule fits, or none of the backends' paths does
    no_match = not keyless and (state.admitted and status == 404 or status == service.no_match_status and not (usage and usage.metrics[1])),
    backend = not state.admitted and state.backend or nil,
  }
end

--- Puts an answer of our own in the place of the gateway's.
local function refuse(context, state, settings)
  local refusal = refusals.of(facts_of(context, state), settings)
  if not refusal then return end
  ngx.status = refusal.status
  ngx.header.content_type = 'application/json'
  ngx.header.content_length = #refusal.body
  if refusal.retry_after ~= nil then ngx.header['Retry-After'] = refusal.retry_after or nil end
  if refusal.hopeless then ngx.header['x-should-retry'] = 'false' end -- OpenAI's clients would repeat every 429
  state.body = refusal.body
end

local function hide_address(state)
  for _, name in ipairs(REDIRECTS) do
    local value = ngx.header[name]
    if type(value) == 'string' then ngx.header[name] = location.public(value, ngx.var.http_host, state.asked, ngx.var.uri) end
  end
end

--- Lets scripts in browsers read what OpenAI's clients read; CORS hides other headers from them.
local function expose()
  local name = 'Access-Control-Expose-Headers'
  local others = ngx.header[name]
  if type(others) == 'table' then others = concat(others, ', ') end
  ngx.header[name] = others and others .. ', ' .. EXPOSED or EXPOSED
end

function _M:header_filter(context)
  local state = context[self]
  if not state then return end
  if not ngx.header['x-request-id'] then ngx.header['x-request-id'] = state.id end
  if model_answered(state) then
    hide_address(state)
  elseif ngx.status >= 400 and not context.answer_is_final then
    refuse(context, state, self.settings)
  end
  if ngx.var.http_origin then expose() end
  local client = self.settings.headers and client_of(context, state)
  if not client or sub(tostring(ngx.status), 1, 2) == '40' then return end
  limits.show('requests', client, state.backend and 0 or 1)
  limits.show('tokens', client, 0)
end

function _M:body_filter(context)
  local state = context[self]
  if not state or not state.body then return end
  ngx.arg[1] = not state.replaced and ngx.req.get_method() ~= 'HEAD' and state.body or ''
  ngx.arg[2] = true
  state.replaced = true
end

--- The tokens that are left are asked for now and then, when an answer has gone, so that nobody waits for it; llm-usage, which
-- reports after this, has its own taken off.
function _M:post_action(context)
  local state, metric = context[self], self.settings.token_metric
  if not state or not state.admitted or not metric or not self.settings.headers then return end
  if not asks_for_tokens(self, context) then return end
  local client = client_of(context, state)
  if not client or limits.is_fresh('tokens', client) then return end
  local ok, answer = pcall(function()
    return backend_client:new(context.service):authorize({ ['usage[' .. metric .. ']'] = 1 }, context.credentials)
  end)
  if ok then limits.remember('tokens', client, refusals.backend(answer)) end
end

return _M
