-- SPDX-License-Identifier: GPL-3.0-or-later
--- The manifests of the policies on disk, as a gateway reads them when it starts, and the end that some of them bring it.

local format = string.format
local cjson = require('cjson')
local files = require('gateway.files')
local settings = require('gateway.settings')

local _M = {}

local BUILTIN = {}
for name in ([[
  3scale_batcher 3scale_referrer apicast caching camel clear_context conditional content_caching cors custom_metrics
  default_credentials echo fapi find_service grpc headers http_proxy ip_check jwt_claim_check jwt_parser keycloak_role_check
  liquid_context_debug load_configuration local_chain logging maintenance_mode management nginx_filters nginx_metrics
  oauth_mtls on_failed payload_limits phase_logger rate_limit rate_limit_headers request_unbuffered retry
  rewrite_url_captures routing soap standalone statuscode_overwrite tls tls_validation token_introspection upstream
  upstream_connection upstream_mtls url_rewriting websocket
]]):gmatch('%S+') do BUILTIN[name] = true end

--- {name, version, manifest} of every POLICIES/NAME/VERSION with a manifest of that version. One that is not JSON is an error.
function _M.all()
  local found = {}
  for _, entry in ipairs(settings.policies or {}) do
    local name, version = entry[1], entry[2]
    local text = files.read(format('%s/%s/%s/apicast-policy.json', settings.policies_dir, name, version))
    local manifest = text and cjson.decode(text)
    if manifest and manifest.version == version then
      found[#found + 1] = { name = name, version = version, manifest = manifest }
    elseif manifest then
      ngx.log(ngx.WARN, 'Could not load ', manifest.name, ' version in manifest is ', manifest.version,
        ' but version in path is ', version)
    end
  end
  return found
end

--- The real order checker looks up the policy that is to stand first among the built-in ones. If it is none of them, or has no
-- version, it writes under nil and ends the gateway.
local function insert(first, version)
  if not BUILTIN[first] or version == nil then error('policy_order_checker.lua:72: table index is nil', 0) end
end

--- Raises where the real gateway does.
function _M.check_order(manifests)
  for _, entry in ipairs(manifests) do
    local order = entry.manifest.order or {}
    for _ = 1, #(order.before or {}) do insert(entry.name, entry.version) end
    for _, other in ipairs(order.after or {}) do insert(other.name, other.version) end
  end
end

return _M
