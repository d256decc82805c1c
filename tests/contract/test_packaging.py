"""What is installed is whole: every package is named, and a wheel holds pages and migrations."""

from __future__ import annotations

import configparser
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def _config() -> configparser.ConfigParser:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    return config


def test_every_package_is_named() -> None:
    """setup.cfg names each package of the tree, and none that is not there."""
    named = set(_config()["options"]["packages"].split())
    there = {
        str(path.parent.relative_to(ROOT)).replace("/", ".")
        for top in ("portal", "workflows")
        for path in (ROOT / top).rglob("*.py")
    }
    assert named - {"portal.static", "portal.templates", "portal.migrations"} == there


def test_the_verifier_is_never_asked_of_a_registry() -> None:
    """Neither the requirements nor the lock name our own distributions."""
    asked = _config()["options"]["install_requires"] + (ROOT / "requirements.lock").read_text()
    assert "trusted-access" not in asked
    assert "trusted_access" not in asked


def test_the_lock_pins_by_hash_and_names_no_index() -> None:
    """Every line of the lock pins a version with hashes; no index, host or path stands there."""
    text = (ROOT / "requirements.lock").read_text()
    entries = [line for line in text.splitlines() if line and line[0].isalnum()]
    assert entries
    assert all("==" in line for line in entries)
    assert text.count("--hash=sha256:") >= len(entries)
    assert "http" not in text
    assert "file:" not in text


@pytest.mark.slow
def test_a_wheel_holds_everything(tmp_path: Path) -> None:
    """Pages, scripts, migrations, programs and sample lists travel inside the wheel."""
    copy = tmp_path / "source"
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in names.stdout.splitlines():
        if name.split("/")[0] in ("tests", "docs", "bench", ".ci") or not (ROOT / name).is_file():
            continue
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--disable-pip-version-check", "--wheel-dir", str(tmp_path), str(copy)],
        check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("static", "templates", "migrations"):
        for path in (ROOT / folder).rglob("*"):
            name = str(path.relative_to(ROOT))
            if path.is_file() and "__pycache__" not in name and f"{name}\n" in names.stdout:
                assert f"portal/{name}" in held
    assert "workflows/programs/cyber-defense/program.toml" in held
    assert "portal/evidence/samples/ofac/sdn.csv" in held
