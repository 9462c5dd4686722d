#!/usr/bin/env python3
"""Holds the licence of every dependency against the list in deny.toml. Needs nothing but Python and cargo."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def allowed(expression: str, allow: set[str]) -> bool:
    """Whether an SPDX expression can be met by the allowed licences alone."""
    tokens = re.findall(r"\(|\)|AND|OR|WITH|[A-Za-z0-9.+-]+", expression.replace("/", " OR "))
    place = 0

    def either() -> bool:
        nonlocal place
        value = both()
        while place < len(tokens) and tokens[place] == "OR":
            place += 1
            other = both()
            value = value or other
        return value

    def both() -> bool:
        nonlocal place
        value = one()
        while place < len(tokens) and tokens[place] == "AND":
            place += 1
            other = one()
            value = value and other
        return value

    def one() -> bool:
        nonlocal place
        if tokens[place] == "(":
            place += 1
            value = either()
            place += 1
            return value
        name = tokens[place]
        place += 1
        if place < len(tokens) and tokens[place] == "WITH":
            name = f"{name} WITH {tokens[place + 1]}"
            place += 2
        return name in allow

    return either()


def main() -> int:
    rules = tomllib.loads((ROOT / "deny.toml").read_text())["licenses"]
    allow = set(rules["allow"])
    exceptions = {entry["crate"]: set(entry["allow"]) for entry in rules.get("exceptions", [])}
    assert allowed("MIT OR GPL-3.0", {"MIT"}) and not allowed("MIT AND GPL-3.0", {"MIT"})
    output = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--locked"], cwd=ROOT, check=True, capture_output=True
    ).stdout
    packages = [package for package in json.loads(output)["packages"] if package["source"]]
    refused = [
        f"{package['name']} {package['version']}: {package['license']}"
        for package in packages
        if not (package["license"] and allowed(package["license"], allow | exceptions.get(package["name"], set())))
    ]
    print(f"{len(packages)} dependencies, {len(refused)} with a licence that deny.toml does not allow")
    print("\n".join(refused))
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
