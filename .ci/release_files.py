"""Makes files of a release.

release_files.py zip BINARY ZIP    packs the binary, with the time of SOURCE_DATE_EPOCH
release_files.py stackset TEMPLATE prints the SAM template as plain CloudFormation
release_files.py sbom              prints the crates in the function, in CycloneDX's form
release_files.py licenses          prints the licences of these crates
"""

import json
import os
import subprocess
import sys
import time
import tomllib
import zipfile
from pathlib import Path
from typing import Any

FUNCTION = "ssm-contact-resource"
TARGETS = ("aarch64-unknown-linux-gnu", "x86_64-unknown-linux-gnu")


def write_zip(binary: str, archive: str) -> None:
    entry = zipfile.ZipInfo("bootstrap", time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))[:6])
    entry.create_system = 3
    entry.external_attr = 0o100755 << 16
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(entry, Path(binary).read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=9)


def stackset(path: str) -> dict[str, Any]:
    from samcli.yamlhelper import yaml_parse
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    template = yaml_parse(Path(path).read_text())
    for name in ("CodeBucket", "CodeKey"):
        template["Parameters"][name] = {"Type": "String"}
    template["Parameters"]["CodeBucket"]["Description"] = "A bucket in this Region that has the function's zip"
    for resource in template["Resources"].values():
        resource.pop("Metadata", None)
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = {"Bucket": {"Ref": "CodeBucket"}, "Key": {"Ref": "CodeKey"}}
    # The labels of the console name only the other parameters.
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    groups.insert(0, {"Label": {"default": "Code"}, "Parameters": ["CodeBucket", "CodeKey"]})
    return Translator(None, Parser()).translate(template, {})


def crates() -> tuple[str, dict[str, Any], dict[str, set[str]]]:
    """The id of the function's package, all packages that are linked into it, and what each depends on."""
    packages: dict[str, Any] = {}
    edges: dict[str, set[str]] = {}
    for target in TARGETS:
        command = ["cargo", "metadata", "--locked", "--format-version=1", "--filter-platform", target]
        metadata = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
        by_id = {it["id"]: it for it in metadata["packages"]}
        nodes = {it["id"]: it["deps"] for it in metadata["resolve"]["nodes"]}
        (root,) = (id for id, it in by_id.items() if it["name"] == FUNCTION)
        macros = {id for id, it in by_id.items() if any("proc-macro" in lib["kind"] for lib in it["targets"])}
        pending, seen = [root], set(macros)
        while pending:
            id = pending.pop()
            if id in seen:
                continue
            seen.add(id)
            packages[id] = by_id[id]
            # A dependency for the build or the tests has another kind, and a macro runs in the compiler.
            linked = {it["pkg"] for it in nodes[id] if any(kind["kind"] is None for kind in it["dep_kinds"])} - macros
            edges.setdefault(id, set()).update(linked)
            pending += linked
    return root, packages, edges


def sbom() -> dict[str, Any]:
    root, packages, edges = crates()
    locked = tomllib.loads(Path("Cargo.lock").read_text())["package"]
    checksums = {(it["name"], it["version"]): it.get("checksum") for it in locked}

    def reference(id: str) -> str:
        return f"pkg:cargo/{packages[id]['name']}@{packages[id]['version']}"

    def component(id: str) -> dict[str, Any]:
        package = packages[id]
        checksum = checksums[package["name"], package["version"]]
        return {
            "type": "application" if id == root else "library",
            "bom-ref": reference(id),
            "name": package["name"],
            "version": package["version"],
            "purl": reference(id),
            # Some crates write the old form of OR.
            "licenses": [{"expression": package["license"].replace("/", " OR ")}],
            **({"hashes": [{"alg": "SHA-256", "content": checksum}]} if checksum else {}),
        }

    ids = sorted(packages, key=reference)
    depends = [{"ref": reference(id), "dependsOn": sorted(map(reference, edges[id]))} for id in ids]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": component(root)},
        "components": [component(id) for id in ids if id != root],
        "dependencies": depends,
    }


def licenses() -> str:
    """The licence files of the crates. Crates with the same text stand above it together."""
    root, packages, _ = crates()
    texts: dict[str, list[str]] = {}
    for id, package in packages.items():
        folder = Path(package["manifest_path"]).parent
        starts = ("LICEN", "COPYING", "NOTICE")
        files = [it for it in sorted(folder.iterdir()) if it.name.upper().startswith(starts) and it.is_file()]
        found = [it.read_text(errors="replace").strip() for it in files] or ["The crate has no file with its licence."]
        for text in found if id != root else []:
            name = f"{package['name']} {package['version']} ({package['license']})"
            texts.setdefault(text, []).append(name)
    blocks = sorted("\n".join(sorted(set(names))) + f"\n\n{text}\n" for text, names in texts.items())
    return ("\n" + "=" * 80 + "\n\n").join(blocks)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["zip", binary, archive]:
            write_zip(binary, archive)
        case ["stackset", path]:
            print(json.dumps(stackset(path), indent=1))
        case ["sbom"]:
            print(json.dumps(sbom(), indent=1))
        case ["licenses"]:
            print(licenses(), end="")
        case _:
            sys.exit(__doc__)
