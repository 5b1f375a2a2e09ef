"""The commands of `./dev` and their arguments."""

import argparse

from . import (
    database,
    demo,
    environment,
    lint,
    postgres,
    screenshots,
    steps,
    testing,
    translations,
)
from .paths import DEV, ROOT, VENV_PYTHON

PORT_HELP = f"of Odoo (default: {demo.PORT} if it is free, else any other)"


def main(arguments):
    """Run one command; returns the exit code."""
    name, *words = arguments or ["--help"]
    if name in PASSING_ON and words[:1] not in (["-h"], ["--help"]):
        return PASSING_ON[name](words[1:] if words[:1] == ["--"] else words)
    options = _parser().parse_args([name, *words])
    return options.run(options)


def _parser():
    parser = argparse.ArgumentParser(
        prog="./dev",
        description="Everything for the development of the addon, all of it in .dev/.",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name, run):
        sub = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        sub.set_defaults(run=run)
        return sub

    shown = command("demo", _demo)
    shown.add_argument("--keep", action="store_true", help="leave Odoo running")
    shown.add_argument("--port", type=int, help=PORT_HELP)
    command("test", _test)
    command("lint", _lint).add_argument("--fix", action="store_true", help="format too")
    command("i18n", _i18n).add_argument(
        "--check", action="store_true", help="change nothing, complain"
    )
    command("screenshots", _screenshots)
    command("serve", _serve).add_argument("--port", type=int, help=PORT_HELP)
    command("shell", _shell)
    command("bench", _bench)
    command("setup", _setup)
    command("odoo", _odoo)
    command("run", _run)
    command("stop", _stop)
    command("clean", _clean)
    return parser


def _test(words):
    """run all tests, or those of PATH ...; takes pytest's options too (-k NAME)"""
    with environment.use() as ready:
        return testing.run(ready, words)


def _odoo(words):
    """start Odoo with the arguments that follow"""
    with environment.use() as ready:
        return ready.call(ready.odoo_command(*words))


def _run(words):
    """run a program (default: Python) in the environment, database server included"""
    with environment.use() as ready:
        return ready.call(words or [VENV_PYTHON])


def _lint(options):
    """check the code, the XML files and the manifest"""
    return lint.run(fix=options.fix)


def _i18n(options):
    """update the translation files from the addon's texts"""
    with environment.use() as ready:
        return translations.run(ready, check=options.check)


def _screenshots(_options):
    """take the pictures of the documentation anew"""
    with environment.use() as ready:
        return screenshots.run(ready)


def _demo(options):
    """run the main job on 500 invented orders, against stand-ins, and check it"""
    with environment.use() as ready:
        return demo.run(ready, keep=options.keep, port=options.port)


def _serve(options):
    """serve the database of the demo until it is interrupted"""
    with environment.use() as ready:
        return demo.serve(ready, port=options.port)


def _shell(_options):
    """Odoo shell on the demo database, script on standard input"""
    with environment.use() as ready:
        return ready.call(
            ready.odoo_command("shell", "-d", _demo_database(ready), "--no-http")
        )


def _bench(words):
    """measure speed: all benches or those of NAME ...; --quick, --json FILE"""
    with environment.use() as ready:
        return ready.call([VENV_PYTHON, "-m", "tests.bench", *words], cwd=ROOT)


def _setup(_options):
    """get and make everything that is needed"""
    with environment.use() as ready:
        database.ensure_template(ready)
    steps.say("Ready.")
    return 0


def _stop(_options):
    """stop what the demo left running, and the private database server"""
    demo.stop()
    steps.say("Stopped." if postgres.stop() else "It was not running.")
    return 0


def _clean(_options):
    """stop the private database server and remove .dev"""
    demo.stop()
    postgres.forget()
    steps.remove(DEV)
    return 0


def _demo_database(ready):
    name = database.full_name(ready, "demo")
    if not database.exists(ready, name):
        database.copy_template(ready, "demo")
    return name


# These take words that only the program they start understands.
PASSING_ON = {"test": _test, "bench": _bench, "odoo": _odoo, "run": _run}
