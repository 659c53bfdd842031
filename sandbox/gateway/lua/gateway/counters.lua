-- SPDX-License-Identifier: GPL-3.0-or-later
--- Requests at this gateway: {"total", "writes", "dry_runs", "by_path": {"METHOD /path": n}}, shown at /_sandbox/counters.

local cjson = require('cjson.safe')

local _M = {}

local READS = { GET = true, HEAD = true, OPTIONS = true }

function _M.count()
  local counts = ngx.shared.counters
  local method = ngx.req.get_method()
  counts:incr('total', 1, 0)
  if not READS[method] then counts:incr('writes', 1, 0) end
  counts:incr('path ' .. method .. ' ' .. ngx.var.uri, 1, 0)
end

--- Answers GET with the counts; DELETE sets them to 0.
function _M.serve()
  local counts = ngx.shared.counters
  if ngx.req.get_method() == 'DELETE' then
    counts:flush_all()
    ngx.status = 204
    return ngx.exit(204)
  end
  local by_path = {}
  for _, key in ipairs(counts:get_keys(0)) do
    local path = key:match('^path (.*)$')
    if path then by_path[path] = counts:get(key) end
  end
  ngx.header.content_type = 'application/json'
  local paths = next(by_path) and cjson.encode(by_path):gsub('\\/', '/') or '{}'
  ngx.print(string.format('{"total": %d, "writes": %d, "dry_runs": 0, "by_path": %s}\n',
    counts:get('total') or 0, counts:get('writes') or 0, paths))
end

return _M
