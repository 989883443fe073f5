"""Sphinx's settings for this folder; ``python3 -m sandbox test --only lint`` builds it."""

import ast
import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes

ROOT = Path(__file__).resolve().parents[1]
MANIFEST = ast.literal_eval((ROOT / "__manifest__.py").read_text(encoding="utf-8"))

project = MANIFEST["name"]
author = copyright = MANIFEST["author"]
release = MANIFEST["version"]
version = release.removesuffix(".0")

html_theme = "alabaster"
html_theme_options = {"description": MANIFEST["summary"], "page_width": "70rem", "sidebar_width": "16rem"}
html_show_sourcelink = False
exclude_patterns = ["_build"]
nitpicky = True

_PAGE = re.compile(r"([\w/-]+)\.rst(?:#([\w-]+))?")


def _find_links(app, doctree):
    """Take links to files of this folder for links to pages.

    The pages name each other by file (``keys.rst``, ``calling.rst#errors``), which a reader of
    the plain files can follow. Sphinx knows pages by other names.
    """
    for reference in list(doctree.findall(nodes.reference)):
        found = _PAGE.fullmatch(reference.get("refuri", ""))
        if found:
            link = addnodes.pending_xref(
                "",
                nodes.inline("", reference.astext()),
                reftype="page",
                refdomain="",
                reftarget=reference["refuri"],
                page=found[1],
                section=found[2],
                refdoc=app.env.docname,
                refwarn=True,
            )
            link.source, link.line = reference.source, reference.line or reference.parent.line
            reference.replace_self(link)


def _resolve_link(app, env, node, content):
    """Lead a link to its page and section; Sphinx warns of one that leads nowhere."""
    if node["reftype"] != "page" or node["page"] not in env.all_docs:
        return None
    section = node["section"]
    if section and section not in env.get_doctree(node["page"]).ids:
        return None
    uri = app.builder.get_relative_uri(node["refdoc"], node["page"]) + (f"#{section}" if section else "")
    return nodes.reference("", "", content, refuri=uri, internal=True)


def setup(app):
    """Register what this folder adds to Sphinx."""
    app.connect("doctree-read", _find_links)
    app.connect("missing-reference", _resolve_link)
    return {"parallel_read_safe": True}
