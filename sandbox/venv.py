"""The virtual environment: Odoo's pinned requirements, ours, and the test tools."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from . import apt, network, pip_settings, processes
from .console import step
from .errors import SandboxError
from .files import read_json, remove_tree, require_space, write_json
from .paths import CHECKOUT, REQUIREMENTS

_UV = "0.13.9"
LOCK = REQUIREMENTS / "lock.txt"
#: What the addon itself needs; pinned by the lock where the lock knows it.
OURS = CHECKOUT / "requirements.txt"


@dataclass(frozen=True)
class Venv:
    """A virtual environment that is complete.

    :param root: its folder
    """

    root: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.root / "bin" / "python"

    def environment(self) -> dict[str, str]:
        """The user's environment without what would reach into ours.

        ``PG*`` and ``ODOO*`` override Odoo's configuration file, ``PYTHON*``
        its imports.
        """
        env = {
            name: value for name, value in os.environ.items()
            if not name.startswith(("PG", "ODOO", "OPENERP", "PYTHON", "PYTEST", "VIRTUAL_ENV", "COVERAGE"))
        }
        env["PATH"] = f"{self.root / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
        env["PYTHONUNBUFFERED"] = "1"
        return env


def provide(cache: Path) -> Venv:
    """Return the virtual environment of this interpreter and these requirements.

    :param cache: the cache folder; the caller holds its lock
    :raises SandboxError: it cannot be built
    """
    key = hashlib.sha256(
        LOCK.read_bytes() + OURS.read_bytes() + sys.version.encode() + sys.executable.encode()
    ).hexdigest()[:10]
    root = cache / f"venv-{sys.version_info[0]}.{sys.version_info[1]}-{key}"
    stamp = root / "complete.json"
    venv = Venv(root)
    # exists() follows the link: false too when the interpreter was removed since.
    if not read_json(stamp) or not venv.python.exists():
        remove_tree(root)
        _build(venv, cache)
        write_json(stamp, {"python": sys.version})
    return venv


def _build(venv: Venv, cache: Path) -> None:
    require_space(cache, 1200, "the virtual environment")
    with step("Getting uv"):
        pip, env = _pip(cache)
        uv = _uv(pip, env, cache)
        listing = processes.run([*pip, "config", "list"], env=env).output
        settings = pip_settings.uv_environment(listing, os.environ)
    env = {**os.environ, **settings, "UV_CACHE_DIR": str(cache / "uv-cache"), "UV_HTTP_TIMEOUT": "60"}
    with step(f"Building the virtual environment (Python {sys.version.split()[0]})"):
        made = processes.run([uv, "venv", "--no-project", "--python", sys.executable, venv.root], env=env)
        if made.status:
            raise SandboxError(f"The virtual environment could not be made: {made.last_words()}")
        network.download("the Python packages", lambda: processes.run(
            [uv, "pip", "install", "--python", venv.python, "-r", LOCK, "-r", OURS], env=env, cwd=cache,
        ))


def _uv(pip: list[str], env: dict[str, str], cache: Path) -> Path:
    """The installer, ten times as fast as pip, from the index that pip uses."""
    root = cache / f"uv-{_UV}"
    program = root / "bin" / "uv"
    if not program.exists():
        partial = root.with_name(root.name + ".partial")
        remove_tree(partial)
        network.download("uv", lambda: processes.run(
            [*pip, "install", "--quiet", "--no-input", "--target", partial, f"uv=={_UV}"], env=env, cwd=cache,
        ))
        remove_tree(root)
        os.replace(partial, root)
    return program


def _pip(cache: Path) -> tuple[list[str], dict[str, str]]:
    """A command that runs pip, and its environment.

    Debian's Python comes without pip and without ensurepip; the wheel in a
    Debian package then serves, and no package is installed for it.
    """
    env = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    command = [sys.executable, "-m", "pip"]
    if importlib.util.find_spec("pip"):
        return command, env
    wheel = _bundled_wheel() or _debian_wheel(cache)
    return command, {**env, "PYTHONPATH": str(wheel)}


def _bundled_wheel() -> Path | None:
    spec = importlib.util.find_spec("ensurepip")
    if not spec or not spec.origin:
        return None
    return next(Path(spec.origin).parent.glob("_bundled/pip-*.whl"), None)


def _debian_wheel(cache: Path) -> Path:
    prefix = cache / "pip"
    wheels = "usr/share/python-wheels/pip-*.whl"
    found = next(prefix.glob(wheels), None)
    if not found:
        client = apt.Apt(cache / "apt")
        for package in client.fetch(["python3-pip-whl"], suite="sid"):
            apt.unpack(package, prefix)
        remove_tree(client.folder)
        found = next(prefix.glob(wheels), None)
    if not found:
        raise SandboxError("This Python has no pip, and Debian's package of it holds none; install python3-pip.")
    return found
