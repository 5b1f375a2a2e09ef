"""Checks of our own: the manifest, the requirements, and what must not be committed."""

import re

from .database import manifest
from .paths import ADDON_FOLDER, ROOT
from .programs import run as run_program

VERSION = re.compile(r"19\.0\.\d+\.\d+\.\d+")
KEYS = frozenset(
    "name summary version category author website license depends data demo assets "
    "external_dependencies development_status maintainers application installable "
    "auto_install excludes images pre_init_hook post_init_hook uninstall_hook "
    "post_load cloc_exclude".split()
)
REQUIRED_KEYS = frozenset(
    "name summary version category author license depends".split()
)
# Folders whose files are loaded by other means than the list of data files.
NOT_DATA = frozenset(("static", "tests", "i18n", "readme", "migrations"))
# Words in a wrong order: this file names no registry either.
REGISTRIES = tuple(
    ".".join(reversed(words.split()))
    for words in (
        "org pypi",
        "org npmjs",
        "com npmjs",
        "org debian deb",
        "org debian security",
        "org debian snapshot",
        "com ubuntu archive",
    )
)
MACHINE_PATH = re.compile(r"(?<![\w.~}])/(?:root|work|home/\w+|Users/\w+)/\w")


def run(files):
    """All complaints about the addon and the committed files, each one line."""
    return [*check_manifest(), *check_requirements(), *check_texts(files)]


def committed_files():
    """All files that are committed or would be; paths."""
    told = run_program(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        log="git",
        advice="The checks need git and a clone of your own to list the files.",
        cwd=ROOT,
    )
    return sorted(
        path for name in told.split("\0") if name and (path := ROOT / name).is_file()
    )


def check_manifest(folder=ADDON_FOLDER):
    """Complaints about the manifest of an addon."""
    found = manifest(folder)
    listed = [*found.get("data", []), *found.get("demo", [])]
    present = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.suffix in (".xml", ".csv")
        and path.relative_to(folder).parts[0] not in NOT_DATA
    }
    complaints = [
        *(f"the key {key} is missing" for key in sorted(REQUIRED_KEYS - set(found))),
        *(f"the key {key} is not OCA's" for key in sorted(set(found) - KEYS)),
        *(f"{name} is listed and not there" for name in sorted(set(listed) - present)),
        *(f"{name} is there and not listed" for name in sorted(present - set(listed))),
        *(f"{name} is listed twice" for name in sorted(_doubles(listed))),
    ]
    if not VERSION.fullmatch(found.get("version", "")):
        complaints.append("the version is not 19.0.x.y.z")
    if found.get("license") != "LGPL-3":
        complaints.append("the license is not LGPL-3")
    return [f"{folder.name}/__manifest__.py: {complaint}" for complaint in complaints]


def check_requirements(folder=ADDON_FOLDER, path=ROOT / "requirements.txt"):
    """Complaints where requirements.txt and the manifest ask for other packages."""
    asked = manifest(folder).get("external_dependencies", {}).get("python", [])
    if set(requested(path)) == {distribution(requirement) for requirement in asked}:
        return []
    return [f"{path.name}: not the external_dependencies of the manifest"]


def requested(path):
    """The packages that a requirements file asks for."""
    lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
    return [distribution(line) for line in lines if line]


def check_texts(files):
    """Complaints about texts that name a package registry or a path of a machine."""
    complaints = []
    for path in files:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            place = f"{path.relative_to(ROOT)}:{number}"
            if any(host in line for host in REGISTRIES):
                complaints.append(f"{place}: names a package registry")
            if MACHINE_PATH.search(line) or f"{ROOT}/" in line:
                complaints.append(f"{place}: names a path of a machine")
    return complaints


def _doubles(names):
    return {name for name in names if names.count(name) > 1}


def distribution(requirement):
    """A package's name as the index writes it."""
    name = re.match(r"[\w.-]+", requirement)[0]
    return re.sub(r"[-_.]+", "-", name).lower()
