-- SPDX-License-Identifier: GPL-3.0-or-later
--- Balancer phase: one of the upstream's addresses, by turns, and the timeouts that a policy may have set.

local ngx_balancer = require('ngx.balancer')

local _M = {}

local turn = 0

local function unavailable()
  return ngx.exit(ngx.HTTP_SERVICE_UNAVAILABLE)
end

local function set_timeouts(options)
  if not options then return end
  local ok, err = ngx_balancer.set_timeouts(options.connect_timeout, options.send_timeout, options.read_timeout)
  if not ok then ngx.log(ngx.WARN, 'cannot set the timeouts: ', err) end
end

--- Called as a policy's balancer method: balancer.call(policy, context).
function _M.call(_, context)
  local upstream = context.upstream
  if not upstream or context.peer_set_in_current_balancer_try then return nil, 'nothing to do' end
  if not upstream.servers then return unavailable() end
  turn = turn + 1
  local address = upstream.servers[turn % #upstream.servers + 1]
  if context.upstream_retries and context.balancer_retries < context.upstream_retries then
    ngx_balancer.set_more_tries(1)
  end
  local ok, err = ngx_balancer.set_current_peer(address, upstream.uri.port)
  if not ok then
    ngx.log(ngx.ERR, 'cannot use ', address, ': ', err)
    return unavailable()
  end
  set_timeouts(context.upstream_connection_opts)
  context.peer_set_in_current_balancer_try = true
  return address
end

return _M
