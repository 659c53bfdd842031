# SPDX-License-Identifier: GPL-3.0-or-later
"""The real Keycloak server, from its Maven artifact, and the realm that plays the company's OIDC provider."""
