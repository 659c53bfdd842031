-- SPDX-License-Identifier: GPL-3.0-or-later
--- What an answer of the backend does to the key cache. Value 200 under a key admits it before the backend is asked.
-- Each handler: (cache, key, response {status}, ttl in seconds or nil for ever).

local _M = {}

local function clear_answer(status)
  return status and status > 0 and status < 500
end

--- `caching_type: strict`: 200 is remembered, anything else (also no answer) forgets the key.
function _M.strict(cache, key, response, ttl)
  if response.status == 200 then
    cache:set(key, 200, ttl or 0)
  else
    cache:delete(key)
  end
end

--- Without the policy: as strict, but a report after a cached admission never puts back what another one took out.
function _M.default(cache, key, response, ttl)
  if response.status == 200 and ngx.var.cached_key == key then return end
  _M.strict(cache, key, response, ttl)
end

--- What the backend said last holds while it can't be reached.
function _M.resilient(cache, key, response, ttl)
  if clear_answer(response.status) then cache:set(key, response.status, ttl or 0) end
end

--- As resilient, and keys never seen are admitted while the backend can't be reached.
function _M.allow(cache, key, response, ttl)
  if clear_answer(response.status) then
    cache:set(key, response.status, ttl or 0)
  else
    cache:add(key, 200, ttl or 0)
  end
end

--- Nothing is remembered.
function _M.none(cache, key)
  cache:delete(key)
end

return _M
