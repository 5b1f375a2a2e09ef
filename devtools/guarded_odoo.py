"""Odoo's own script in a process that cannot leave this machine.

python -m devtools.guarded_odoo SCRIPT ARGUMENTS...
"""

import runpy
import sys

from . import network_guard

if __name__ == "__main__":
    network_guard.install()
    del sys.path[0]  # the checkout: Odoo finds the addon by its addons path
    del sys.argv[0]
    runpy.run_path(sys.argv[0], run_name="__main__")
