"""A step is done once, and half of it is never taken for whole."""

import signal
import subprocess
import sys
import textwrap

import pytest

from devtools import steps

STEP = textwrap.dedent(
    """\
    import os, signal, sys
    from pathlib import Path
    from devtools import steps
    product, log = Path("product"), Path("log")

    def build():
        with steps.fresh_folder(product) as folder:
            (folder / "first").touch()
            with log.open("a") as handle:
                handle.write("built\\n")
            if "die" in sys.argv:
                os.kill(os.getpid(), signal.SIGKILL)
            (folder / "second").touch()

    steps.ensure("step", sys.argv[1], build, product=product, title="A step")
    """
)


@pytest.fixture
def step(checkout):
    """Runs the step in a process of its own, like a `./dev` that can be killed."""

    def run(*arguments):
        return checkout.run(sys.executable, "-c", STEP, *arguments)

    run.built = lambda: (checkout.root / "log").read_text().count("built")
    run.product = lambda: sorted(
        path.name for path in (checkout.root / "product").iterdir()
    )
    return run


@pytest.fixture
def ensure(tmp_path):
    calls = []

    def run(key, product="product", fail=False):
        def build():
            calls.append(key)
            if fail:
                raise RuntimeError("cut off")
            (tmp_path / product).touch()

        return steps.ensure(
            "step",
            key,
            build,
            product=tmp_path / product,
            title="A step",
            dev=tmp_path,
        )

    run.calls = calls
    return run


def test_step_is_done_once(ensure):
    assert ensure("key")
    assert not ensure("key")
    assert ensure.calls == ["key"]


def test_step_is_done_again_when_what_it_depends_on_changed(ensure):
    ensure("old")
    ensure("new")
    assert ensure.calls == ["old", "new"]


def test_step_is_done_again_when_its_product_is_gone(ensure, tmp_path):
    ensure("key")
    (tmp_path / "product").unlink()
    assert ensure("key")


def test_failed_step_is_done_again(ensure):
    with pytest.raises(RuntimeError):
        ensure("key", fail=True)
    assert ensure("key")


def test_failure_of_a_newer_step_does_not_leave_the_older_one_for_whole(ensure):
    ensure("old")
    with pytest.raises(RuntimeError):
        ensure("new", fail=True)
    assert ensure("old")


def test_step_that_leaves_nothing_is_refused(tmp_path, is_one_sentence):
    with pytest.raises(steps.SetupError) as refusal:
        steps.ensure(
            "step",
            "key",
            lambda: None,
            product=tmp_path / "nothing",
            title="A step",
            dev=tmp_path,
        )
    assert is_one_sentence(str(refusal.value))


def test_killed_step_is_done_again_and_then_whole(step):
    killed = step("key", "die")
    assert killed.returncode == -signal.SIGKILL
    assert step("key").returncode == 0
    assert step.built() == 2
    assert step.product() == ["first", "second"]


def test_killed_step_leaves_the_older_product_but_not_its_stamp(step):
    step("old")
    step("new", "die")
    assert step.product() == ["first", "second"]
    step("old")
    assert step.built() == 3


def test_two_at_once_do_the_step_once(checkout, step):
    command = [sys.executable, "-c", STEP, "key"]
    both = [subprocess.Popen(command, cwd=checkout.root) for _ in range(2)]
    assert [process.wait(30) for process in both] == [0, 0]
    assert step.built() == 1


def test_fresh_folder_replaces_the_former_one(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    (path / "old").touch()
    with steps.fresh_folder(path) as folder:
        (folder / "new").touch()
    assert [inside.name for inside in path.iterdir()] == ["new"]


def test_fresh_folder_does_not_appear_when_its_block_fails(tmp_path):
    path = tmp_path / "folder"
    with pytest.raises(ValueError), steps.fresh_folder(path):
        raise ValueError
    assert not path.exists()


def test_digest_tells_where_one_part_ends():
    assert steps.digest("ab", "c") != steps.digest("a", "bc")
    assert steps.digest("a", b"b") == steps.digest("a", "b")


def test_written_file_is_whole_and_alone(tmp_path):
    steps.write_whole(tmp_path / "folder" / "file", "text")
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["file"]
    assert (tmp_path / "folder" / "file").read_text() == "text"


@pytest.mark.parametrize("kind", ["file", "folder", "link", "nothing"])
def test_anything_can_be_removed(tmp_path, kind):
    path, aim = tmp_path / "path", tmp_path / "aim"
    aim.mkdir()
    if kind == "file":
        path.touch()
    elif kind == "folder":
        (path / "inside").mkdir(parents=True)
    elif kind == "link":
        path.symlink_to(aim)
    steps.remove(path)
    assert not path.exists()
    assert aim.exists()
