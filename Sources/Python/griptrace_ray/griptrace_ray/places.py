"""Files on any path that fsspec knows: local folders, s3://…, gs://…"""
import os
import posixpath

import fsspec

VIDEOS = (".mp4", ".mov", ".mkv", ".avi", ".mcap", ".db3")


class Place:
    """A folder somewhere. `path` is what its file system calls it."""

    def __init__(self, url, file_system=None, path=None, options=None):
        self.url = url.rstrip("/")
        self.options = options or {}
        if file_system is None:
            file_system, path = fsspec.core.url_to_fs(self.url, **self.options)
        self.fs, self.path = file_system, path.rstrip("/")

    def __truediv__(self, name):
        return Place(f"{self.url}/{name}", self.fs, posixpath.join(self.path, name), self.options)

    def exists(self):
        return self.fs.exists(self.path)

    def fetch(self, folder):
        """Copies everything below this into a local folder."""
        os.makedirs(folder, exist_ok=True)
        for name in self.files():
            target = os.path.join(folder, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            self.fs.get_file(posixpath.join(self.path, name), target)

    def put(self, folder, leave_out=()):
        """Copies a local folder, or file, here; names at its root in `leave_out` stay behind."""
        if os.path.isfile(folder):
            self.fs.makedirs(posixpath.dirname(self.path), exist_ok=True)
            self.fs.put_file(folder, self.path)
            return
        for root, folders, names in os.walk(folder):
            if root == folder:
                folders[:] = [name for name in folders if name not in leave_out]
                names = [name for name in names if name not in leave_out]
            for name in names:
                source = os.path.join(root, name)
                target = posixpath.join(self.path, os.path.relpath(source, folder).replace(os.sep, "/"))
                self.fs.makedirs(posixpath.dirname(target), exist_ok=True)
                self.fs.put_file(source, target)

    def files(self):
        """Paths of all files below, from here on, sorted; of a file the empty path."""
        base = self.path.rstrip("/") + "/"
        found = [name for name in self.fs.find(self.path)]
        return sorted(name[len(base):] for name in found if name.startswith(base))

    def read(self):
        return self.fs.cat_file(self.path)

    def write(self, data):
        self.fs.makedirs(posixpath.dirname(self.path), exist_ok=True)
        self.fs.pipe_file(self.path, data)

    def remove(self):
        if self.exists():
            self.fs.rm(self.path, recursive=True)

    def __reduce__(self):
        return Place, (self.url, None, None, self.options)


def sessions(place):
    """Paths of the sessions below a place, from it on, in the order in which `griptrace batch` takes them.

    A folder is a session where it holds recordings, `device.yaml`, `raw_videos/`, `demos/` or a folder `mapping…`; what lies in it is not
    looked at further. Hidden folders and what conversions wrote are passed over.
    """
    tree = {}
    for name in place.files():
        node = tree
        *folders, last = name.split("/")
        for folder in folders:
            node = node.setdefault(folder, {})
            if not isinstance(node, dict):
                break
        else:
            node[last] = None
    out = []

    def is_session(node):
        for name, inner in node.items():
            if name.startswith("."):
                continue
            if inner is None:
                if name == "device.yaml" or name.lower().endswith(VIDEOS):
                    return True
            elif name in ("raw_videos", "demos") or name.lower().startswith("mapping") or "mav0" in inner or "metadata.yaml" in inner:
                return True
        return False

    def walk(node, path):
        if ".griptrace" in node or "meta" in node and "info.json" in (node["meta"] or {}):
            return
        if is_session(node):
            out.append("/".join(path))
            return
        for name in sorted(n for n, inner in node.items() if inner is not None and not n.startswith(".")):
            walk(node[name], path + [name])

    walk(tree, [])
    if out == [""]:
        return [""]
    return out
