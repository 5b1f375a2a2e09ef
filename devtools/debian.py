"""Debian packages without installing them: a private apt beside the machine's own.

The mirror is the machine's own (its lines in /etc/apt), with the suite exchanged where
another one is needed. Nothing of the system's apt or dpkg state is written.
"""

import os
import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from .errors import SetupError
from .paths import DEV
from .programs import run
from .steps import digest, write_whole

ETC_APT = Path("/etc/apt")
KEYRINGS = Path("/usr/share/keyrings")
SUITE = re.compile(
    "(oldoldstable|oldstable|stable|testing|unstable|sid"
    "|bullseye|bookworm|trixie|forky|duke)([-/](updates|security))?"
)
UNPACK = 'package=$1; shift; dpkg-deb --fsys-tarfile "$package" | tar -x "$@"'
DOWNLOAD_ADVICE = (
    "Debian packages could not be fetched: check the network and the Debian mirror of "
    "this machine, then run the same command again."
)


@dataclass(frozen=True)
class Source:
    """One archive and its suites, as apt's sources files name them."""

    uri: str
    suites: tuple
    components: tuple
    signed_by: str = ""
    trusted: str = ""

    def __str__(self):
        lines = [
            "Types: deb",
            f"URIs: {self.uri}",
            f"Suites: {' '.join(self.suites)}",
            f"Components: {' '.join(self.components)}",
        ]
        if self.signed_by:
            lines.append(f"Signed-By: {self.signed_by}")
        if self.trusted:
            lines.append(f"Trusted: {self.trusted}")
        return "\n".join(lines) + "\n"


def read_sources(etc=ETC_APT):
    """All enabled binary sources of the machine, in apt's order."""
    files = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]
    found = []
    for path in files:
        if not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix == ".sources":
            found += parse_deb822(text)
        elif path.suffix == ".list":
            found += parse_one_line(text)
    return found


def parse_one_line(text):
    """Sources of a `.list` file: `deb [options] uri suite component ...`."""
    found = []
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)", line)
        if match:
            options, uri, suite, components = match.groups()
            settings = dict(
                option.split("=", 1)
                for option in (options or "").split()
                if "=" in option
            )
            found.append(
                Source(
                    uri,
                    (suite,),
                    tuple(components.split()),
                    settings.get("signed-by", ""),
                    settings.get("trusted", ""),
                )
            )
    return found


def parse_deb822(text):
    """Sources of a `.sources` file: paragraphs of `Name: value`, maybe folded."""
    found = []
    for paragraph in re.split(r"\n\s*\n", text):
        fields = _fields(paragraph)
        if "deb" not in fields.get("types", "").split():
            continue
        if fields.get("enabled", "yes").lower() in ("no", "false", "0", "off"):
            continue
        for uri in fields.get("uris", "").split():
            found.append(
                Source(
                    uri,
                    tuple(fields.get("suites", "").split()),
                    tuple(fields.get("components", "").split()),
                    fields.get("signed-by", ""),
                    fields.get("trusted", ""),
                )
            )
    return found


def _fields(paragraph):
    fields, name = {}, ""
    for line in paragraph.splitlines():
        if line.startswith("#"):
            continue
        if line[:1].isspace():
            fields[name] = f"{fields.get(name, '')}\n{line}"
        elif ":" in line:
            name, value = line.split(":", 1)
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields


def debian_sources(sources):
    """Those of the sources that are Debian's own archive, updates and security."""
    return [
        source
        for source in sources
        if "main" in source.components
        and "debian" in source.uri
        and not source.uri.startswith("cdrom:")
        and any(SUITE.fullmatch(suite) for suite in source.suites)
    ]


def _is_whole(suite):
    found = SUITE.fullmatch(suite)
    return bool(found and not found[2])


def mirror(environ=os.environ, etc=ETC_APT, keyrings=KEYRINGS):
    """The archive to take other suites from; DEBIAN_MIRROR overrides the machine's own.

    Raises SetupError where there is none.
    """
    own = [
        source
        for source in debian_sources(read_sources(etc))
        if any(_is_whole(suite) for suite in source.suites)
    ]
    # Others publish for Debian's suites too, at addresses like .../debian/12/prod.
    own.sort(key=lambda source: not source.uri.rstrip("/").endswith("/debian"))
    if environ.get("DEBIAN_MIRROR"):
        signed_by = own[0].signed_by if own else _archive_keyring(keyrings)
        return Source(environ["DEBIAN_MIRROR"], (), ("main",), signed_by)
    if not own:
        raise SetupError(
            "This machine's apt knows no Debian mirror to take Odoo 19 from: set "
            "DEBIAN_MIRROR to the address of one (and install debian-archive-keyring), "
            "or ODOO_HOME to a checkout of Odoo 19."
        )
    return replace(own[0], components=("main",))


def _archive_keyring(keyrings):
    for name in ("debian-archive-keyring.gpg", "debian-archive-keyring.pgp"):
        if (keyrings / name).is_file():
            return str(keyrings / name)
    raise SetupError(
        "Debian's packages cannot be verified here: install the package "
        "debian-archive-keyring, or set ODOO_HOME to a checkout of Odoo 19."
    )


class Apt:
    """A private apt: own lists and cache, the machine's proxies and keys."""

    def __init__(self, name, sources):
        self._name = name
        self._sources = "\n".join(map(str, sources))
        self._folder = DEV / "cache" / "apt" / f"{name}-{digest(self._sources)}"
        self._updated = False

    def download(self, packages, folder):
        """Fetch packages (`name`, `name/suite` or `name=version`) into a folder."""
        self._update()
        folder.mkdir(parents=True, exist_ok=True)
        self._run(["apt-get", "download", *packages], cwd=folder)

    def missing(self, packages):
        """What installing the packages would add to this machine: `name=version`s."""
        self._update()
        told = self._run(
            ["apt-get", "install", "--simulate", "--no-install-recommends", *packages]
        )
        return [
            f"{name}={version}"
            for name, version in re.findall(
                r"^Inst (\S+)(?: \[[^]]*\])? \((\S+)", told, re.MULTILINE
            )
        ]

    def _update(self):
        if self._updated:
            return
        for part in ("lists/partial", "cache/archives/partial"):
            (self._folder / part).mkdir(parents=True, exist_ok=True)
        write_whole(self._folder / "apt.sources", self._sources)
        write_whole(self._folder / "apt.conf", self._configuration())
        self._run(["apt-get", "update"])
        self._updated = True

    def _configuration(self):
        folder = self._folder
        return "\n".join(
            [
                "#clear APT::Update::Pre-Invoke;",
                "#clear APT::Update::Post-Invoke;",
                "#clear APT::Update::Post-Invoke-Success;",
                f'Dir::Etc::SourceList "{folder}/apt.sources";',
                'Dir::Etc::SourceParts "-";',
                'Dir::Etc::Preferences "/dev/null";',
                'Dir::Etc::PreferencesParts "-";',
                f'Dir::State::Lists "{folder}/lists";',
                f'Dir::Cache "{folder}/cache";',
                'Debug::NoLocking "true";',
                'APT::Sandbox::User "root";',
                'APT::Update::Error-Mode "any";',
                'Acquire::Languages "none";',
                'Acquire::Retries "3";',
                "",
            ]
        )

    def _run(self, command, **options):
        if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
            raise SetupError(
                "This machine has no apt to fetch Odoo 19 with: set ODOO_HOME to a "
                "checkout of Odoo 19 and CHROMIUM to a Chromium."
            )
        program, *arguments = command
        return run(
            [program, "-q", "-y", "-c", self._folder / "apt.conf", *arguments],
            log=f"apt-{self._name}",
            advice=DOWNLOAD_ADVICE,
            **options,
        )


def unpack(folder, root, leave_out=()):
    """Unpack all packages of a folder into `root`, but for the names in `leave_out`.

    These are patterns of tar, for whole paths in a package.
    """
    for package in sorted(folder.glob("*.deb")):
        run(
            [
                *("sh", "-c", UNPACK, "sh", package, "-C", root),
                *(f"--exclude={pattern}" for pattern in leave_out),
            ],
            log="unpack",
            advice=f"{package.name} could not be unpacked: run the same command again.",
        )
