-- SPDX-License-Identifier: GPL-3.0-or-later
--- The configuration with its defaults. Pure.

local ipairs, pairs, type = ipairs, pairs, type
local byte, find, sub = string.byte, string.find, string.sub

local _M = {}

local METRICS = {
  total = 'total_tokens', prompt = 'prompt_tokens', completion = 'completion_tokens', cached = 'cached_tokens',
  estimated = 'estimated_tokens',
}
local SLASH = 47
local CHECK = { 'total', 'prompt', 'completion' }

-- Paths that spend tokens, and whether the answer is text that a model wrote: only then is its length a measure.
local WRITES = {
  ['/chat/completions'] = true, ['/completions'] = true, ['/responses'] = true, ['/messages'] = true,
  ['/embeddings'] = false, ['/embed'] = false, ['/rerank'] = false, ['/score'] = false, ['/classify'] = false, ['/pooling'] = false,
  ['/audio/transcriptions'] = true, ['/audio/translations'] = true,
}

local function given(value, kind)
  return type(value) == kind and value or nil
end

local function metrics_of(configured)
  local metrics = {}
  for kind, name in pairs(METRICS) do
    local chosen = given(configured[kind], 'string') or name
    metrics[kind] = chosen ~= '' and chosen or nil
  end
  return metrics
end

local function checks_of(configured, metrics)
  local checks = {}
  for _, kind in ipairs(configured or CHECK) do checks[#checks + 1] = metrics[kind] end
  return checks
end

local function weights_by_model(list)
  if not list or #list == 0 then return nil end
  local weights = {}
  for _, entry in ipairs(list) do weights[entry.model] = entry end
  return weights
end

--- {[end of a path] = true}
local function paths_of(configured)
  local paths = {}
  if configured and #configured > 0 then
    for _, path in ipairs(configured) do paths[path] = true end
  else
    for path in pairs(WRITES) do paths[path] = true end
  end
  return paths
end

--- {[name] = true}, or nil where there is none.
local function set_of(list)
  if not list or #list == 0 then return nil end
  local set = {}
  for _, name in ipairs(list) do set[name] = true end
  return set
end

local function has_backends(more)
  for _, entry in ipairs(more) do
    if entry.of == 'backend' then return true end
  end
  return false
end

--- configuration: as in the manifest, or nil.
function _M.of(configuration)
  configuration = given(configuration, 'table') or {}
  local metrics = metrics_of(given(configuration.metrics, 'table') or {})
  local more = given(configuration.report, 'table') or {}
  return {
    metrics = metrics,
    check = checks_of(given(configuration.check, 'table'), metrics),
    more = more,
    successful_only = set_of(given(configuration.successful_only, 'table')),
    backend_metrics = configuration.backend_metrics == true,
    knows_backends = configuration.backend_metrics == true or has_backends(more),
    weights = given(configuration.weights, 'table') or {},
    model_weights = weights_by_model(given(configuration.model_weights, 'table')), -- nil: there are none
    paths = paths_of(given(configuration.paths, 'table')),
    include_usage = configuration.include_usage ~= false,
    estimate = configuration.missing_usage ~= 'seen',
    bytes_per_token = given(configuration.bytes_per_token, 'number') or 4,
  }
end

--- The configured end of a path that spends tokens, or nil; a slash behind it does not matter. An end begins with a slash, so
-- that only what begins with one has to be looked up. 3scale's routing sends on only what stands before a written-out question mark.
function _M.spending(settings, path)
  local last = (find(path, '?', 1, true) or #path + 1) - 1
  while last > 0 and byte(path, last) == SLASH do last = last - 1 end
  for at = last, 1, -1 do
    local ending = byte(path, at) == SLASH and sub(path, at, last)
    if ending and settings.paths[ending] then return ending end
  end
end

--- Whether the answers of a path are text that a model wrote.
function _M.writes(ending)
  return WRITES[ending] ~= false
end

--- Whether a stream of this path tells its usage only when asked.
function _M.must_be_asked(ending)
  return find(ending, 'completions$') ~= nil
end

return _M
