-- SPDX-License-Identifier: GPL-3.0-or-later
--- Counts the tokens of models. Before the call it asks the backend, with usage 0, whether the token metrics are within their
-- limits; it reads the answer as it passes; after it, it reports. It must stand before `apicast` in the policy chain.

local ipairs, next, pairs, pcall, tonumber = ipairs, next, pairs, pcall, tonumber
local find, match = string.find, string.match
local ngx = ngx
local Usage = require('apicast.usage')
local amounts = require('usage_amounts')
local answer = require('answer')
local pieces = require('answer_piece')
local reports = require('usage_report')
local requests = require('usage_request')
local config = require('usage_settings')

local policy = require('apicast.policy')
local _M = policy.new('LLM usage', '1.0')
local new = _M.new

--- configuration: see the manifest.
function _M.new(configuration)
  local self = new(configuration)
  self.settings = config.of(configuration)
  return self
end

--- Usage 0 is a check that counts nothing.
local function check(settings, usage)
  local backends = settings.backend_metrics and amounts.backends(usage) or {}
  for _, metric in ipairs(settings.check) do
    usage:add(metric, 0)
    for _, id in ipairs(backends) do usage:add(metric .. '.' .. id, 0) end
  end
end

--- Whether an error of the model must not count a metric, or, for one of a backend, that of its name.
local function is_for_good_answers(settings, metric)
  local names = settings.successful_only
  return names[metric] or settings.backend_metrics and names[match(metric, '^(.+)%.%d+$') or '']
end

--- What good answers alone count is asked for with 0; gives what they count.
local function postpone(settings, usage)
  local later = {}
  for _, metric in ipairs(settings.successful_only and usage.metrics or later) do
    local delta = usage.deltas[metric]
    if delta > 0 and is_for_good_answers(settings, metric) then
      later[metric] = delta
      usage.deltas[metric] = 0
    end
  end
  return later
end

--- Reads the request and, if need be, has its stream tell the usage.
local function read_request(settings, exchange, context)
  local body, size = requests.read()
  if size then context.request_unbuffered = false end -- read once, it can't be passed on as it comes
  exchange.text_bytes = body and requests.text_bytes(body) or size
  local asks = body and settings.include_usage and config.must_be_asked(exchange.path) and requests.may_stream(body)
  if not body or not (asks or settings.model_weights) then return end
  local found = requests.scan(body)
  if not found then return end
  exchange.model = settings.model_weights and requests.model(found)
  local changed = asks and requests.asking_for_usage(body, found)
  if not changed then return end
  ngx.req.set_body_data(changed)
  exchange.hiding = true
end

function _M:access(context)
  local settings = self.settings
  local path = ngx.req.get_method() == 'POST' and config.spending(settings, ngx.var.uri) or nil
  if not path and not settings.successful_only then return end
  context.usage = context.usage or Usage.new()
  local exchange = { path = path, later = postpone(settings, context.usage), call = reports.begin(context) }
  context[self] = exchange
  if not path then return end
  exchange.writes = config.writes(path)
  if context.usage.metrics[1] then check(settings, context.usage) end -- no rule matched: apicast says so
  read_request(settings, exchange, context)
  ngx.req.set_header('Accept-Encoding', 'identity') -- what is compressed has to be read twice
end

--- Runs only for requests that were let in, before `apicast` sends them on.
function _M:content(context)
  local exchange = context[self]
  if not exchange then return end
  exchange.admitted = true
  if not exchange.call then ngx.log(ngx.ERR, 'usage will not be reported: there are no credentials') end
end

local function described()
  local header = ngx.header
  local kind = header['Content-Type']
  return {
    type = kind, encoding = header['Content-Encoding'], length = header['Content-Length'],
    measured = header['x-compute-tokens'], metadata = kind == 'application/octet-stream' and header['metadata'] or nil,
  }
end

local function has_content(status)
  return status >= 200 and status < 300 and status ~= ngx.HTTP_NO_CONTENT
end

--- Whether the model took the request and did not live to answer, or not in the gateway's time: nginx answers in its place.
local function broke_off()
  local connected, answered = ngx.var.upstream_connect_time, ngx.var.upstream_header_time
  return ngx.status >= 502 and connected ~= nil and find(connected, '%d$') ~= nil and not find(answered or '', '%d$')
end

function _M:header_filter(context)
  local exchange = context[self]
  if not exchange or not exchange.admitted then return end
  exchange.begun = not broke_off()
  if not exchange.path or not has_content(ngx.status) then return end
  exchange.answered = true
  local ok, made = pcall(answer.new, described(), exchange.hiding)
  if not ok then return ngx.log(ngx.ERR, 'cannot read the answer: ', made) end
  exchange.answer = made
  if made.shrinks then ngx.header.content_length = nil end
  if made.plain then ngx.header.content_encoding = nil end
end

function _M:body_filter(context)
  local exchange = context[self]
  local reading = exchange and exchange.answer
  if not reading or exchange.broken then return end
  local piece = pieces.text()
  local ok, out = pcall(reading.feed, reading, piece, ngx.arg[2])
  if not ok then
    exchange.broken = true -- an error here must not cost the client its answer
    ngx.log(ngx.ERR, 'cannot read the answer: ', out)
    out = reading:unsent() .. piece
  end
  if out ~= piece then ngx.arg[1] = out end
end

--- Whether the model has worked: its errors, redirects and empty answers spend nothing; a client that left before the answer
-- began does, and a model that broke off before.
local function has_worked(exchange)
  return exchange.answered or not exchange.begun
end

local function usage_of(self, context, exchange)
  local settings, status = self.settings, tonumber(ngx.var.status) or 0
  local usage = {}
  if exchange.path and has_worked(exchange) then
    local backends = settings.knows_backends and amounts.backends(context.usage) or {}
    usage = amounts.by_metric(amounts.of(exchange, settings), settings, backends)
  end
  if status >= 200 and status < 400 then
    for metric, delta in pairs(exchange.later) do
      if context.usage.deltas[metric] then usage[metric] = (usage[metric] or 0) + delta end -- not a backend that it did not go to
    end
  end
  return usage
end

function _M:post_action(context)
  local exchange = context[self]
  local call = exchange and exchange.call
  if not call then return end
  exchange.call = nil
  local ok, usage = true, nil
  if exchange.admitted then ok, usage = pcall(usage_of, self, context, exchange) end
  if not ok then ngx.log(ngx.ERR, 'usage lost: ', usage) end
  usage = ok and usage and next(usage) and usage or nil
  reports.finish(call, context.service, usage)
  if usage and context.usage_reported then context.usage_reported(usage) end -- openai-errors shows what is left
end

return _M
