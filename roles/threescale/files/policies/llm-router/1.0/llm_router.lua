-- SPDX-License-Identifier: GPL-3.0-or-later
--- One product over several models: the model that a request names chooses its backend. The policy puts the backend's path before
-- the request's; mapping rules, limits and 3scale's own routing do the rest. It must stand before `apicast` in the policy chain.

local ipairs, pairs, type = ipairs, pairs, type
local find, match, sub = string.find, string.match, string.sub
local ngx = ngx
local errors = require('apicast.errors')
local answers = require('answers')
local plans = require('plan_models')
local request = require('request_model')

local policy = require('apicast.policy')
local _M = policy.new('LLM router', '1.0')
local new = _M.new

local function list(value)
  return type(value) == 'table' and value or {}
end

local function by_name(models)
  local known = {}
  for _, model in ipairs(models) do
    for _, alias in ipairs(list(model.aliases)) do known[alias] = known[alias] or model end
  end
  for _, model in ipairs(models) do known[model.name] = model end -- a name goes before another's alias
  return known
end

--- configuration: {models, default_model, list_plan_only}; see the manifest.
function _M.new(configuration)
  local self = new(configuration)
  configuration = list(configuration)
  self.models = list(configuration.models)
  self.known = by_name(self.models)
  self.default = type(configuration.default_model) == 'string' and configuration.default_model or nil
  self.plan_only = configuration.list_plan_only ~= false
  return self
end

--- What of the list of models is asked for: '' (all), a name, or nil (something else).
local function asked_of_list(method, path)
  if method ~= 'GET' and method ~= 'HEAD' then return nil end
  return match(path, '^/v1/models/?$') and '' or match(path, '^/v1/models/(.-)/?$')
end

--- The model whose backend's path the client itself wrote, or nil.
local function model_at(models, path)
  for _, model in ipairs(models) do
    if sub(path, 1, #model.path + 1) == model.path .. '/' then return model end
  end
end

--- Sends the request to the backend of the model that it names; what is wrong with it otherwise is answered once the key is known
-- to be good.
local function route(self, path)
  local found = request.find()
  local name = found and found.name or self.default
  if not name then return { nameless = true } end
  local model = self.known[name]
  if not model then return { unknown = name } end
  local served = model.served_name or model.name
  if found and found.name ~= served then request.replace(found, served) end
  ngx.req.set_uri(model.path .. path)
  return { chosen = model }
end

function _M:rewrite(context)
  local method, path = ngx.req.get_method(), ngx.var.uri
  local asked, model = asked_of_list(method, path), model_at(self.models, path)
  if asked then
    context[self] = { asked = asked }
  elseif model then
    context[self] = { chosen = model }
  elseif method == 'POST' and not find(path, '%c') then -- nginx takes no path with control characters
    context[self] = route(self, path)
    context[self].has_read = true
  end
end

--- What one model alone is sent, such as a partner's key; by now the developer's own has been read.
local function set_headers(model)
  for _, entry in ipairs(list(model.headers)) do
    if entry.value == '' then
      ngx.req.clear_header(entry.header)
    else
      ngx.req.set_header(entry.header, entry.value)
    end
  end
end

local function answer(self, todo, models)
  if todo.nameless then return answers.no_model(models) end
  if todo.unknown then return answers.unknown_model(todo.unknown, models) end
  if todo.asked == '' then return answers.list(models) end
  local wanted = self.known[todo.asked]
  for _, model in pairs(models) do
    if model == wanted then return answers.model(model) end
  end
  return answers.unknown_model(todo.asked, models)
end

function _M:access(context)
  local todo = context[self]
  if not todo then return end
  if todo.has_read then context.request_unbuffered = false end -- a body can't be passed on as it comes any more
  if todo.chosen then return set_headers(todo.chosen) end
  if not plans.is_known(context) then return errors.authorization_failed(context.service) end
  context.answer_is_final = true -- openai-errors leaves it as it is
  return answer(self, todo, self.plan_only and plans.of(context, self.models) or self.models)
end

return _M
