-- SPDX-License-Identifier: GPL-3.0-or-later
--- The phases of nginx handed on to the policies of the product that a request belongs to.

local chain = require('gateway.chain')
local configuration = require('gateway.configuration')
local contexts = require('gateway.contexts')
local counters = require('gateway.counters')
local dns = require('gateway.dns')
local errors = require('apicast.errors')
local linked_list = require('apicast.linked_list')
local loader = require('gateway.loader')
local manifests = require('gateway.manifests')
local Proxy = require('gateway.proxy')
local require_sandbox = require('gateway.require_sandbox')
local url_tools = require('gateway.url')

local _M = {}

local function original_request()
  local path, query = url_tools.split_path(ngx.var.request_uri)
  return linked_list.readonly({
    headers = ngx.req.get_headers(), host = ngx.var.host, path = path, query = query, uri = ngx.var.uri,
    server_addr = ngx.var.server_addr,
  })
end

--- Reads of the context fall through to what the policies export, and to these.
local own_exports = {
  get_uri = function(context)
    if context.route_upstream then return context.route_upstream.uri.path or '/' end
    return ngx.var.uri
  end,
}

local function new_context(service)
  local context = { host = ngx.var.host, service = service, proxy = Proxy.new(), policy_chain = service.policy_chain }
  context.original_request = original_request()
  return setmetatable(context, { __index = own_exports })
end

local modules = {} -- of every policy on disk, used or not

--- Once for each process, before the workers start. An error ends the gateway.
function _M.init()
  dns.init()
  local found = manifests.all()
  manifests.check_order(found)
  for _, entry in ipairs(found) do
    local module, err = loader.load(entry.name, entry.version)
    if module then
      modules[#modules + 1] = module
      module.init()
    elseif require_sandbox.is_lacking(err) then -- a real gateway has it, and starts
      ngx.log(ngx.WARN, 'policy ', entry.name, ' ', entry.version, ': ', tostring(err))
    else
      error(err, 0)
    end
  end
end

--- Once for each worker.
function _M.init_worker()
  math.randomseed(ngx.now() * 1000 + ngx.worker.pid())
  configuration.init_worker()
  for _, module in ipairs(modules) do module.init_worker() end
end

--- The real gateway asks for the exports anew in each phase; where one raises, no policy is called.
local function call(phase)
  local context = ngx.ctx.context
  if not context then return end
  local ok, exports = pcall(context.policy_chain.exports, context.policy_chain)
  if not ok then return end
  getmetatable(context).__index = setmetatable(exports, { __index = own_exports })
  context.policy_chain:call(phase, context)
end

function _M.rewrite()
  contexts.stash()
  counters.count()
  local service = configuration.find(ngx.var.host)
  if not service then return errors.service_not_found() end
  ngx.ctx.service = service
  ngx.ctx.context = new_context(service)
  call('rewrite')
end

for _, phase in chain.phases() do
  _M[phase] = _M[phase] or function() call(phase) end
end

--- The balancer phase knows how often it ran for this request, as a policy that tries again wants to.
function _M.balancer()
  local context = ngx.ctx.context
  context.balancer_retries = (context.balancer_retries or -1) + 1
  context.peer_set_in_current_balancer_try = false
  call('balancer')
end

function _M.post_action()
  contexts.apply()
  call('post_action')
end

function _M.log()
  call('log')
  contexts.forget()
end

return _M
