# SPDX-License-Identifier: GPL-3.0-or-later
"""The router: one nginx that plays OpenShift's for every name of the superdomain, from Route objects and a table.

A Route's host goes to the part of the sandbox that plays its Service, where the table names one, else to the Ready
Pods that the Service selects. The table also gives names that have no Route (object storage, model hub, the company's
Keycloak). TLS ends here for all kinds of termination; the certificate is of the sandbox's own authority. Hosts that
nothing serves get OpenShift's 503.
"""
