#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_portal
short_description: Keep the content of the developer portal
version_added: 0.1.0
description:
  - Makes and changes sections, layouts, pages, partials, built-in templates and files of the developer portal,
    and publishes them.
  - Only what differs is written. All drafts are written before the first is published, so a template that the
    server refuses leaves the visible portal as it was.
  - What waits as a draft because an earlier run was cut off is published.
  - Templates that the portal's Liquid doesn't understand (unknown tags and filters, blocks that are not ended,
    whitespace control) and layouts without C({% content %}) are refused before the first write, with file and line.
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes
  - rhai.maas.threescale.actiongroup
  - rhai.maas.plan
options:
  content:
    description:
      - Items of the portal. They take the place of the same items in O(folders) and O(files).
    type: list
    elements: dict
    suboptions:
      type:
        description: Kind of the item.
        type: str
        required: true
        choices: [section, layout, page, partial, builtin_page, builtin_partial, file]
      path:
        description: Path of a page or file; it identifies it.
        type: str
      system_name:
        description:
          - Name of a section, layout, partial or built-in template; it identifies it.
          - For a page it is optional; a new one gets a free name made from its path. Nobody sees it.
        type: str
      title:
        description: Title of a section, layout or page.
        type: str
      state:
        description: Whether the item is there. Built-in templates can't be removed.
        type: str
        choices: [present, absent]
        default: present
      content:
        description: Text of a template, or of a text file. Exclusive with O(content[].src).
        type: str
      src:
        description: File with the content, on the host that runs the module.
        type: path
      section:
        description: System name of the section of a page or file.
        type: str
      layout:
        description: >-
          System name of the layout of a page or built-in page. An empty string is for no layout, as styles and
          scripts need.
        type: str
      content_type:
        description: Media type of a page.
        type: str
      liquid_enabled:
        description: Whether a page or layout is rendered. A layout without it is not.
        type: bool
      handler:
        description: Markup of a page.
        type: str
        choices: ["", markdown, textile]
      public:
        description: Whether a section is for all visitors.
        type: bool
      parent:
        description: System name of the section that a section lies in.
        type: str
      partial_path:
        description: Path of a section.
        type: str
      downloadable:
        description: Whether a file is offered for saving.
        type: bool
  folders:
    description:
      - Folders with the portal, on the host that runs the module, by the names that 3scale's CMS tools use.
      - A file takes the place of the one of the same name in an earlier folder.
      - C(l_NAME.html.liquid) is a layout, C(DIR/_NAME.html.liquid) a partial, C(DIR/NAME.html.liquid) the built-
        in page of that name or else a page, C(index.html.liquid) the page V(/).
      - C(*.css), C(*.js), C(*.txt) and C(*.json) are pages of that media type without layout, other files are
        files, directories are sections.
      - Dot files, C(README) and C(LICENSE) are left out, and what the file C(.cmsignore) in the folder names, by the
        rules of a C(.gitignore).
    type: list
    elements: path
  files:
    description:
      - Texts by file name, with the meaning that the name has in O(folders), where a file of the same name takes the
        place of the text. For pages that are made from something else.
    type: dict
  titles:
    description:
      - Titles of pages in O(folders) and O(files), by path. Visitors see them in the browser's tab and in search
        results.
      - Without one, a page is titled by its file's name.
    type: dict
  default_layout:
    description: Layout of the HTML pages in O(folders) and O(files).
    type: str
    default: main_layout
  publish:
    description: Whether what is written is published. If not, it waits as a draft.
    type: bool
    default: true
  prune:
    description:
      - Beginnings of paths (such as V(/maas/)) and system names (such as V(maas/)). Pages, layouts, partials and
        files that begin so and are not wanted are removed.
    type: list
    elements: str
  portal_url:
    description: >-
      Address at which this host reaches the developer portal, for comparing files; the tenant's own address if
      left out.
    type: str
  compare_files:
    description: >-
      How files that are there are compared. V(content) downloads them, from S3 where 3scale keeps them there, and shows
      their digests; V(presence) takes them as equal.
    type: str
    choices: [content, presence]
    default: content
notes:
  - A template costs two writes (draft and publication), a file one.
seealso:
  - module: rhai.maas.threescale_portal_info
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Publish the portal
  rhai.maas.threescale_portal:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    content:
      - type: section
        system_name: models
        title: Models
      - type: page
        path: /models
        title: Models
        section: models
        layout: main_layout
        liquid_enabled: true
        content: !unsafe |
          <h1>Models of {{ provider.name }}</h1>
      - type: page
        path: /css/maas.css
        title: Styles
        content_type: text/css
        layout: ""
        content: "body { margin: 0 }"
      - type: builtin_page
        system_name: applications/show
        content: !unsafe |
          <h1>{{ application.name }}</h1>
      - type: file
        path: /images/logo.svg
        content: "<svg xmlns='http://www.w3.org/2000/svg'/>"

- name: Take a page away
  rhai.maas.threescale_portal:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    content:
      - type: page
        path: /models
        state: absent
"""

RETURN = r"""
portal:
  description: How many items of each kind are kept.
  returned: success
  type: dict
  sample: {"items": {"section": 1, "page": 2, "builtin_page": 1, "file": 1}}
changes:
  description: What was changed, or would be in check mode; what reports are made of.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: C(create), C(update), C(delete), or what the change is called otherwise.
      type: str
    noun:
      description: Kind of the object.
      type: str
    key:
      description: Name of the object, with the names of what it belongs to.
      type: str
  sample: [{"action": "create", "noun": "backend", "key": "partner-llm"}]
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 7, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.portals import plan_portal
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.tables import OPTIONS
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run


def main() -> None:
    """Run the module."""
    run(OPTIONS, plan_portal)


if __name__ == "__main__":
    main()
