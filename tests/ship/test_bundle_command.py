"""What `holdfast bundle` takes and refuses, and what the doctor finds in a bundle."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness import run_holdfast
from matrix import usable
from pyholdfast.bundle.manifest import MARKER, hash_files
from pyholdfast.bundle.own_modules import add_modules, modules_used, others_beside
from pyholdfast.bundle.packages import add_packages, packages_in
from pyholdfast.bundle.target import ask_target
from pyholdfast.doctor.checks.bundle import check_bundle
from pyholdfast.doctor.model import Verdict
from pyholdfast.errors import HoldfastError
from pyholdfast.toolchain.probe import probe
from ship.support import METADATA, build_wheel, demand_patchelf, one_python

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyholdfast.doctor.model import Finding


def small_bundle(folder: Path) -> Path:
    """A folder with a manifest, as the doctor reads it."""
    (folder / "lib").mkdir(parents=True)
    for name in ("host", "lib/one.py", "lib/two.py"):
        (folder / name).write_text(f"{name}\n", encoding="utf-8")
    manifest: dict[str, Any] = {"format": 1, "python": "3.12.1", "machine": os.uname().machine}
    manifest["files"] = hash_files(folder)
    (folder / MARKER).write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def wrong(findings: Iterable[Finding]) -> dict[str, tuple[str, ...]]:
    """Code and evidence of what is bad."""
    return {f.code: f.evidence for f in findings if f.verdict is Verdict.BAD}


# --- the doctor ---------------------------------------------------------------------------------


def test_the_doctor_finds_what_was_tampered_with(tmp_path: Path) -> None:
    """Missing, changed and added files, each by name; a link in place of a file is a change."""
    folder = small_bundle(tmp_path / "dist")
    assert wrong(check_bundle(folder)) == {}

    (folder / "host").write_text("HOST\n", encoding="utf-8")  # of the same size
    (folder / "lib/one.py").unlink()
    (folder / "lib/two.py").rename(tmp_path / "two.py")
    (folder / "lib/two.py").symlink_to(tmp_path / "two.py")
    (folder / "lib/sitecustomize.py").touch()
    (folder / "lib/more").symlink_to(tmp_path)

    assert wrong(check_bundle(folder)) == {
        "HF191": ("lib/one.py",),
        "HF192": ("host", "lib/two.py"),
        "HF193": ("lib/more", "lib/sitecustomize.py"),
    }


def test_the_doctor_says_which_machine_a_bundle_needs(tmp_path: Path) -> None:
    """A newer C library than this machine's is an error; another processor is not."""
    folder = small_bundle(tmp_path / "dist")
    manifest = json.loads((folder / MARKER).read_text())
    if os.confstr("CS_GNU_LIBC_VERSION") is None:
        pytest.skip("the C library is not glibc")

    (folder / MARKER).write_text(json.dumps({**manifest, "needs_glibc": "2.999"}))
    assert list(wrong(check_bundle(folder))) == ["HF194"]
    (folder / MARKER).write_text(json.dumps({**manifest, "needs_glibc": "2.17"}))
    assert wrong(check_bundle(folder)) == {}
    (folder / MARKER).write_text(json.dumps({**manifest, "machine": "pdp11"}))
    assert wrong(check_bundle(folder)) == {}


def test_the_doctor_of_a_folder_that_is_no_bundle(tmp_path: Path) -> None:
    """HF190, also if the manifest is damaged or of another format; exit status 2."""
    for text in (
        None,
        "{",
        "[]",
        '{"format": 2}',
        '{"format": 1}',
        '{"format": 1, "files": {"a": 1}}',
    ):
        if text is not None:
            (tmp_path / MARKER).write_text(text)
        done = run_holdfast("doctor", tmp_path)
        assert (done.code, done.err[:5]) == (2, "HF190"), done.explain()
    done = run_holdfast("doctor", small_bundle(tmp_path / "dist"))
    assert done.code == 0, done.explain()


# --- the command line ---------------------------------------------------------------------------


def test_what_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    """A folder with other files in it is left alone; names that a bundle has are taken."""
    demand_patchelf()
    python = one_python()
    host = tmp_path / "host.cpp"
    host.write_text("int main() {}\n")
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine").touch()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    shutil.copyfile("/bin/sh", tmp_path / "shell")
    dist = tmp_path / "dist"

    for code, words in (
        ("HF111", ["nothing.cpp", "-o", dist]),
        ("HF111", [host, "-o", dist, "--source", "nothing.cpp"]),
        ("HF116", [host]),
        ("HF116", [host, "-o", dist, "--name", "a/b"]),
        ("HF122", [host, "-o", full]),
        ("HF122", [host, "-o", link]),
        ("HF122", [host, "-o", full / "mine"]),
        ("HF122", [host, "-o", dist, "--name", "lib"]),
        ("HF123", [host, "-o", dist, "-r", "nothing.txt"]),
        ("HF125", [tmp_path / "shell", "-o", dist]),
    ):
        done = run_holdfast("bundle", *words, "--python", python.path, cwd=tmp_path)
        assert done.code == 2, done.explain()
        assert code in done.err, done.explain()
    done = run_holdfast(
        "bundle", host, "-o", dist, "--python", python.path,
        environ={"PATH": str(tmp_path)}, cwd=tmp_path,
    )  # fmt: skip
    if "HF121" in done.err:  # unless the environment that runs holdfast has it
        assert "pip install 'pyholdfast[bundle]'" in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full", "host.cpp", "link", "shell"]
    assert [path.name for path in full.iterdir()] == ["mine"]


def test_a_program_of_another_python_is_refused(tmp_path: Path) -> None:
    """It would not start, or crash later."""
    demand_patchelf()
    fitting = [p for p in usable() if p.build.loader is None and p.build.library is not None]
    if len(fitting) < 2:
        pytest.skip("there is one Python only")
    binary = fitting[0].build.base_executable.resolve()
    if b"libpython" not in binary.read_bytes():
        pytest.skip(f"{binary} contains its libpython")
    done = run_holdfast("bundle", binary, "-o", tmp_path / "d", "--python", fitting[1].path)

    assert done.code == 2, done.explain()
    assert "HF125" in done.err
    assert list(tmp_path.iterdir()) == []


# --- modules and packages -----------------------------------------------------------------------


def test_the_modules_that_a_host_uses(tmp_path: Path) -> None:
    """Those that it names in a string or includes, and what they import; not those in comments."""
    host = tmp_path / "host.cpp"
    host.write_text(
        '#include "priced.hpp"\n'
        "// unused is not used\n"
        'int main() { call("app.handlers", "go"); exec(R"(import raw)"); }\n'
    )
    (tmp_path / "app").mkdir()
    for name, text in {
        "app/__init__.py": "",
        "app/handlers.py": "from deep import x\nfrom . import other\n",
        "deep.py": "import json\ndef later():\n    import deeper\n",
        "deeper.py": "",
        "priced.py": "",
        "raw.py": "",
        "unused.py": "",
    }.items():
        (tmp_path / name).write_text(text)

    used = modules_used([host])

    assert [path.name for path in used] == ["app", "deep.py", "deeper.py", "priced.py", "raw.py"]
    assert [path.name for path in others_beside([host], used)] == ["unused.py"]


def test_a_module_may_be_there_twice_or_be_named_twice(tmp_path: Path) -> None:
    """Compiled and as a source: Python chooses. By another path: it is still one module."""
    names = [
        "fast.cpython-311-x86_64-linux-gnu.so",
        "fast.cpython-312-x86_64-linux-gnu.so",
        "fast.py",
    ]
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "sub").mkdir()
    host = tmp_path / "host.cpp"
    host.write_text('int main() { call("fast", "go"); }\n')

    used = modules_used([tmp_path / "sub" / ".." / "host.cpp"], [tmp_path / "fast.py"])

    assert [path.name for path in used] == names
    assert others_beside([host], used) == []


def test_a_package_without_init_of_which_a_header_is_included(tmp_path: Path) -> None:
    """`holdfast run` takes it, so the bundle has its folder as a whole, under its name."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "pricing.py").write_text("import helper\n")
    (tmp_path / "helper.py").touch()
    host = tmp_path / "host.cpp"
    host.write_text('#include "shop/pricing.hpp"\nint main() {}\n')

    assert [path.name for path in modules_used([host])] == ["helper.py", "shop"]


@pytest.mark.parametrize(
    "naming",
    [
        'call("shop.pricing", "total")',
        'exec("from shop import pricing")',
        'exec(R"(import shop.pricing as p)")',
        'call("app", "dotted")',
        'call("app2", "from_it")',
    ],
)
def test_a_package_without_init_that_is_only_imported(tmp_path: Path, naming: str) -> None:
    """By a string of the host or by a module of it; a folder that only shares a word is not one."""
    for folder in ("shop", "data"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "pricing.py").write_text("import helper\n")
    for name, text in {
        "helper.py": "",
        "app.py": "import shop.pricing\n",
        "app2.py": "def f():\n    from shop import pricing\n",
    }.items():
        (tmp_path / name).write_text(text)
    host, long = tmp_path / "host.cpp", "x" * 300
    host.write_text(f'int main() {{ {naming}; puts("data. pricing {long}.y"); }}\n')

    used = {path.name for path in modules_used([host])}

    assert used - {"app.py", "app2.py"} == {"helper.py", "shop"}


def test_modules_that_cannot_be_bundled(tmp_path: Path) -> None:
    """HF124 says why: missing, not a module, a name that the standard library or a package has."""
    place, standard = tmp_path / "site", tmp_path / "standard"
    for folder in (place, standard / "json"):
        folder.mkdir(parents=True)
    (standard / "queue.py").touch()
    for name in ("queue.py", "json.py", "text.txt", "mine.py"):
        (tmp_path / name).touch()

    add_modules([tmp_path / "mine.py"], place, standard)

    for name in ("missing.py", "text.txt", "queue.py", "json.py", "mine.py"):
        with pytest.raises(HoldfastError) as caught:
            add_modules([tmp_path / name], place, standard)
        assert caught.value.code == "HF124"
    assert [path.name for path in place.iterdir()] == ["mine.py"]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment's Python, with packages that are made by hand."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([one_python().path, "-m", "venv", "--without-pip", folder], check=True)
    site = next(folder.glob("lib/python3*/site-packages"))
    for name, more in {
        "app": "Requires-Dist: needed>=1\nRequires-Dist: absent; python_version < '3'\n"
        "Requires-Dist: tests; extra == 'test'\nLicense-Expression: MIT\n",
        "needed": "Classifier: License :: OSI Approved :: BSD License\n",
        "broken": "Requires-Dist: nowhere\n",
        "edited": "",
    }.items():
        info = site / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(METADATA.format(name=name, version="1.0", more=more))
        (site / f"{name}.py").write_text(f"NAME = {name!r}\n")
        (info / "RECORD").write_text(
            f"{name}.py,,\n{info.name}/METADATA,,\n{info.name}/RECORD,,\n../../../bin/{name},,\n"
        )
    url = {"url": "file:///src", "dir_info": {"editable": True}}
    (site / "edited-1.0.dist-info" / "direct_url.json").write_text(json.dumps(url))
    return folder / "bin" / "python"


def test_packages_are_copied_with_what_they_require(environment: Path, tmp_path: Path) -> None:
    """Their scripts are not; requirements whose marker does not hold are not needed."""
    target = ask_target(probe(environment))

    add_packages(target, tmp_path, ["App"], [])

    place = tmp_path / target.layout.site
    assert sorted(path.name for path in place.iterdir()) == [
        "app-1.0.dist-info", "app.py", "needed-1.0.dist-info", "needed.py",
    ]  # fmt: skip
    assert packages_in(place) == [
        {"name": "app", "version": "1.0", "licence": "MIT"},
        {"name": "needed", "version": "1.0", "licence": "BSD License"},
    ]
    assert not (tmp_path / "bin").exists()


@pytest.mark.parametrize(("name", "why"), [("broken", "'nowhere'"), ("edited", "editable mode")])
def test_packages_that_cannot_be_copied(
    environment: Path, tmp_path: Path, name: str, why: str
) -> None:
    """HF123 names the package and the reason."""
    with pytest.raises(HoldfastError) as caught:
        add_packages(ask_target(probe(environment)), tmp_path, [name], [])
    assert caught.value.code == "HF123"
    assert why in caught.value.problem


def test_pip_installs_requirements(environment: Path, tmp_path: Path) -> None:
    """By the pip of the Python that runs holdfast, if the target has none; a failure is HF123."""
    if subprocess.run(
        [sys.executable, "-m", "pip", "--version"], check=False, capture_output=True
    ).returncode:
        pytest.skip("there is no pip")
    wheel = build_wheel(tmp_path)
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"--no-index\n{wheel}\n")
    target = ask_target(probe(environment))

    add_packages(target, tmp_path, [], [requirements])

    assert (tmp_path / target.layout.site / "local_package.py").is_file()
    requirements.write_text("--no-index\nno-such-package\n")
    with pytest.raises(HoldfastError) as caught:
        add_packages(target, tmp_path, [], [requirements])
    assert caught.value.code == "HF123"
