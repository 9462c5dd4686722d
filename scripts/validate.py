#!/usr/bin/env python3
"""Holds what groundplan writes against programs that are not ours.

Briefs and designs against the JSON Schemas that groundplan prints (jsonschema, ruamel.yaml), pages against an HTML parser
in strict mode and a headless browser without a network, diagrams against xmllint, the crib sheet against pdfinfo and
pdftotext. Prints one line a check and `N passed, N failed` at the end.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import html5lib
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
BINARY = ROOT / "target" / "release" / "groundplan"
# The quick ones; the others are built whole by the golden tests.
EXAMPLES = ["pastebin", "small-team"]
CHROMIUM = [
    "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--virtual-time-budget=2000",
]

results: list[tuple[str, str]] = []


def check(name: str, problem: str = "") -> None:
    results.append((name, problem))
    print(f"{'FAIL' if problem else 'ok  '} {name}{': ' + problem if problem else ''}")


def run(*command: str, ok: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    if done.returncode not in ok:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-400:]}")
    return done.stdout


def yaml(path: Path):
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(path.read_text()), default=str))


def against_schema(name: str, schema: dict, path: Path) -> None:
    errors = sorted(Draft202012Validator(schema).iter_errors(yaml(path)), key=str)
    check(name, "; ".join(f"{'/'.join(map(str, e.absolute_path))}: {e.message[:120]}" for e in errors[:3]))


def page(name: str, path: Path) -> None:
    parser = html5lib.HTMLParser(strict=False)
    text = path.read_text()
    parser.parse(text)
    # html5lib predates a few attributes and knows no SVG 2; its own list of what the standard calls an error is used.
    errors = [code for _, code, _ in parser.errors]
    check(f"{name}: HTML", ", ".join(sorted(set(errors))[:3]))
    outside = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?(https?://[^"')\s]+)""", text)
    loads = [link for link in outside if re.search(rf"(?:src\s*=\s*[\"']?|url\(\s*[\"']?){re.escape(link)}", text)]
    check(f"{name}: loads nothing from outside", ", ".join(loads[:3]))
    with tempfile.TemporaryDirectory() as profile:
        dom = run(*CHROMIUM, f"--user-data-dir={profile}", "--dump-dom", path.as_uri())
    check(f"{name}: opens in a browser", "" if "</svg>" in dom and "<table" in dom else "no diagram or no table in the page")


def folder(name: str, schema: dict, out: Path) -> None:
    plan = json.loads((out / "plan.json").read_text())
    check(f"{name}: plan.json names a style", "" if plan["decisions"][0]["dimension"] == "architecture-style" else "first decision")
    for design in plan["designs"]:
        against_schema(f"{name}: {design['file']} against the schema", schema, out / design["file"])
    run("xmllint", "--noout", str(out / "diagram.svg"))
    check(f"{name}: diagram.svg is XML")
    info = run("pdfinfo", str(out / "crib-sheet.pdf"))
    pages = re.search(r"Pages:\s+(\d+)", info)
    check(f"{name}: crib sheet has one page", "" if pages and pages.group(1) == "1" else info)
    words = run("pdftotext", str(out / "crib-sheet.pdf"), "-")
    check(f"{name}: crib sheet can be read", "" if len(words.split()) > 80 else f"{len(words.split())} words")
    page(name, out / "plan.html")


def main() -> int:
    brief_schema = json.loads(run(str(BINARY), "schema", "brief"))
    design_schema = json.loads(run(str(BINARY), "schema", "design"))
    for name, schema in [("brief", brief_schema), ("design", design_schema)]:
        Draft202012Validator.check_schema(schema)
        check(f"the schema of a {name} is a JSON Schema")
    for path in sorted((ROOT / "examples").glob("*.brief.yaml")):
        against_schema(f"{path.name} against the schema", brief_schema, path)
    for path in sorted((ROOT / "examples").glob("*.design.yaml")):
        against_schema(f"{path.name} against the schema", design_schema, path)
    broken = yaml(ROOT / "examples" / "pastebin.brief.yaml") | {"laod": []}
    found = list(Draft202012Validator(brief_schema).iter_errors(broken))
    check("the schema refuses a misspelt key", "" if found else "it accepted `laod`")
    with tempfile.TemporaryDirectory() as work:
        for name in EXAMPLES:
            out = Path(work) / name
            run(str(BINARY), "design", str(ROOT / "examples" / f"{name}.brief.yaml"), "--out", str(out), ok=(0, 1))
            folder(name, design_schema, out)
    failed = sum(1 for _, problem in results if problem)
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
