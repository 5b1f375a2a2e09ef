"""Known weaknesses of the packages that the addon brings into an Odoo (pip-audit).

What Odoo 19 asks for itself comes in versions that Odoo and Debian prescribe, and that
nobody can exchange here.
"""

import json
import os
import re
import subprocess
from importlib.metadata import distributions

from . import python_packages, steps
from .checks import distribution, requested
from .paths import DEV, ROOT, VENV

# Its service is elsewhere, behind a wall, or down.
UNREACHED = re.compile(
    r"requests\.exceptions\.(ConnectionError|ConnectTimeout|HTTPError|ProxyError"
    r"|ReadTimeout|SSLError)|Could not connect|not redirecting"
)
NOT_AUDITED = (
    "pip-audit: its service cannot be reached from here, the packages of"
    " requirements.txt were not looked up."
)


def run():
    """Complaints about known weaknesses, each one line; none where nobody can tell."""
    return check(python_packages.get(), needed_packages())


def needed_packages(requirements=ROOT / "requirements.txt", venv=VENV):
    """Names and versions of what a file asks for, and of what that needs in turn.

    Of what is not installed nobody knows the version: it is no package for here.
    """
    installed = {
        distribution(found.metadata["Name"]): found
        for folder in venv.glob("lib/python*/site-packages")
        for found in distributions(path=[str(folder)])
    }
    waiting = requested(requirements)
    versions = {}
    while waiting:
        name = waiting.pop()
        if name in versions or name not in installed:
            continue
        versions[name] = installed[name].version
        needs = installed[name].requires or []
        waiting += [distribution(need) for need in needs if "extra ==" not in need]
    return versions


def check(python, versions):
    """
    :param versions: version by name of the packages to look up
    :return: complaints about them, or about pip-audit itself
    """
    done = subprocess.run(
        [
            *(python, "-m", "pip_audit", "--requirement", "/dev/stdin"),
            *("--no-deps", "--disable-pip", "--format=json", "--timeout=10"),
            *("--progress-spinner=off", f"--cache-dir={DEV / 'cache' / 'pip-audit'}"),
        ],
        input="".join(f"{name}=={version}\n" for name, version in versions.items()),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PIP_AUDIT_LOGLEVEL": "ERROR"},
    )
    try:
        found = json.loads(done.stdout)["dependencies"]
    except ValueError:
        if UNREACHED.search(done.stderr):
            steps.say(NOT_AUDITED)
            return []
        last = done.stderr.strip().rpartition("\n")[2]
        return [f"pip-audit itself failed ({done.returncode}): {last}"]
    if all("skip_reason" in package for package in found):
        # A mirror of the service that answers, and knows nothing.
        steps.say(NOT_AUDITED)
        return []
    return [line for package in found for line in _complaints(package)]


def _complaints(package):
    if "skip_reason" in package:
        return [f"pip-audit: {package['name']} was not looked up"]
    return [
        f"pip-audit: {package['name']} {package['version']} has {weakness['id']},"
        f" mended in {', '.join(weakness['fix_versions']) or 'no version yet'}"
        for weakness in package["vulns"]
    ]
