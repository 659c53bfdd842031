# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""A report for people and for Prometheus: lines for a log, a page, metrics. Pure, no I/O."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.errand.report import ACTIONS, SYSTEMS, Report, kind

WIDTH = 100  # a debug message adds its own quotes and indentation to a line
_WORDS = {"create": "made", "update": "changed", "delete": "removed"}
_SIGNS = {"create": "+", "update": "~", "delete": "-"}
_MOST = 200  # lines of a log; the whole report has all
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#151515}"
    "table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #c7c7c7;padding:.4rem;text-align:left;"
    "vertical-align:top}pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85rem}"
    ".create{color:#3d7317}.update{color:#00497f}.delete{color:#a30d05}"
)


def cut(text: str, width: int = WIDTH) -> str:
    """A text in one line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def summary(report: Report) -> list[str]:
    """The report in lines that anybody can read, the counts first."""
    if not report["total"]:
        return ["Nothing differs from the inventory."]
    lines = [f"{system}: {_counted(counts)}" for system, counts in report["counts"].items()]
    lines += [f"{system} does not run yet: what is wanted of it was not compared." for system in report["unseen"]]
    system = ""
    for item in report["operations"][:_MOST]:
        if item["system"] != system:
            system = item["system"]
            lines += ["", cut(f"{system} {item['where']}".rstrip())]
        lines.append(cut(f"{_SIGNS[kind(item['action'])]} {_what(item)}{_origin(item)}"))
        lines += [f"    {cut(line, WIDTH - 4)}" for line in _differences(item)]
    left = report["total"] - _MOST
    return lines + ([f"… and {left} more; the whole report has them."] if left > 0 else [])


def _what(item: Mapping[str, Any]) -> str:
    """The object, behind the action where that is more than the sign says."""
    words = [item["noun"], item["key"]] if item["action"] in ACTIONS else [item["action"], item["noun"], item["key"]]
    return " ".join(str(word) for word in words)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{counts[action]} {_WORDS[action]}" for action in ACTIONS if counts[action]) or "nothing"


def _origin(item: Mapping[str, Any]) -> str:
    parts = [f"since {item['since']}" if item["since"] else "", f"by {item['by']}" if item["by"] else ""]
    told = " ".join(part for part in parts if part)
    return f" ({told})" if told else ""


def _differences(item: Mapping[str, Any]) -> list[str]:
    """From what to what, for short values of a change in place."""
    if kind(item["action"]) != "update" or not isinstance(item["after"], Mapping):
        return []
    before = item["before"] or {}
    return [f"{name}: {_value(before.get(name))} → {_value(value)}" for name, value in item["after"].items()][:5]


def _value(value: Any) -> str:
    return cut(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str), WIDTH // 3)


def page(report: Report, heading: str, moment: str) -> str:
    """The report as an HTML page that needs nothing from elsewhere."""
    rows = "".join(_row(item) for item in report["operations"])
    counts = "".join(
        f"<li>{html.escape(system)}: {html.escape(_counted(found))}</li>" for system, found in report["counts"].items()
    )
    head = "<tr><th>where</th><th>what</th><th>is</th><th>wanted</th><th>since</th><th>by</th></tr>"
    body = f"<ul>{counts}</ul><table>{head}{rows}</table>" if rows else "<p>Nothing differs from the inventory.</p>"
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(heading)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{html.escape(heading)}</h1><p>{html.escape(moment)}</p>{body}"
        "</body></html>\n"
    )


def _row(item: Mapping[str, Any]) -> str:
    where = f"{item['system']} {item['where']}".rstrip()
    cells = [where, _what(item), _whole(item["before"]), _whole(item["after"]), item["since"], item["by"]]
    texts = [html.escape(str(cell)) for cell in cells]
    done = kind(item["action"])
    texts[1] = f'<span class="{done}">{html.escape(_SIGNS[done])}</span> {texts[1]}'
    texts[2:4] = [f"<pre>{text}</pre>" for text in texts[2:4]]
    return "<tr>" + "".join(f"<td>{text}</td>" for text in texts) + "</tr>"


def _whole(value: Any) -> str:
    return "" if value in (None, {}) else json.dumps(value, indent=1, ensure_ascii=False, default=str)


def metrics(report: Report, moment: int) -> str:
    """The report for Prometheus: differences by system and action; ``moment`` in seconds since 1970."""
    lines = [
        "# HELP maas_drift_objects Objects that differ from the inventory.",
        "# TYPE maas_drift_objects gauge",
    ]
    for system in SYSTEMS:
        counts = report["counts"].get(system, {})
        lines += [
            f'maas_drift_objects{{system="{system}",action="{action}"}} {counts.get(action, 0)}' for action in ACTIONS
        ]
    lines += [
        "# HELP maas_drift_timestamp_seconds When the service was compared with the inventory.",
        "# TYPE maas_drift_timestamp_seconds gauge",
        f"maas_drift_timestamp_seconds {moment}",
    ]
    return "\n".join(lines) + "\n"


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[str]:
    """Rows as lines of a log, in columns as wide as their longest value; what does not fit is cut."""
    texts = [[_cell(row.get(name)) for name in columns] for row in rows]
    widths = _widths([list(columns), *texts])
    return [_line(list(columns), widths), *(_line(row, widths) for row in texts)]


def _cell(value: Any) -> str:
    return "" if value is None else " ".join(str(value).split())


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    """The widest column gives up what the line has not."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    while sum(widths) + 2 * (len(widths) - 1) > WIDTH and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
    return widths


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cut(text, width).ljust(width) for text, width in zip(row, widths)).rstrip()
