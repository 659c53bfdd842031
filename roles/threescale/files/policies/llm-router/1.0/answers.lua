-- SPDX-License-Identifier: GPL-3.0-or-later
--- Answers of OpenAI's form. Each ends the request. JSON is put together by hand: the encoder can't write an empty list.

local format = string.format
local concat = table.concat
local ipairs = ipairs
local ngx = ngx
local encode = require('cjson.safe').encode

local _M = {}

local function answer(status, body)
  ngx.status = status
  ngx.header.content_type = 'application/json'
  ngx.header.content_length = #body
  if ngx.req.get_method() ~= 'HEAD' then ngx.print(body) end
  return ngx.exit(status)
end

local function as_json(model)
  return format('{"id":%s,"object":"model","created":%d,"owned_by":%s}',
    encode(model.name), model.created or 0, encode(model.owned_by or '3scale'))
end

--- GET /v1/models
function _M.list(models)
  local items = {}
  for index, model in ipairs(models) do items[index] = as_json(model) end
  return answer(ngx.HTTP_OK, '{"object":"list","data":[' .. concat(items, ',') .. ']}')
end

--- GET /v1/models/{id}
function _M.model(model)
  return answer(ngx.HTTP_OK, as_json(model))
end

local function refuse(status, message, code)
  return answer(status, format('{"error":{"message":%s,"type":"invalid_request_error","param":"model","code":%s}}',
    encode(message), code and encode(code) or 'null'))
end

local function names_of(models)
  local names = {}
  for index, model in ipairs(models) do names[index] = model.name end
  return #names > 0 and 'There is ' .. concat(names, ', ') .. '.' or 'Your plan has none.'
end

--- models: those that the client may use.
function _M.unknown_model(name, models)
  return refuse(ngx.HTTP_NOT_FOUND, format('The model `%s` does not exist. %s', name, names_of(models)), 'model_not_found')
end

function _M.no_model(models)
  return refuse(ngx.HTTP_BAD_REQUEST, 'The request must name a model. ' .. names_of(models), nil)
end

return _M
