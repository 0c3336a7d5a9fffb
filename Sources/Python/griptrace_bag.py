#!/usr/bin/env python3
"""Reads pictures and IMU readings out of MCAP files and ROS 2 bags for griptrace.

usage: griptrace_bag.py --library FOLDER index  PATH [--image TOPIC] [--imu TOPIC[,TOPIC]]
       griptrace_bag.py --library FOLDER frames PATH  --image TOPIC
       griptrace_bag.py --library FOLDER check  -

PATH is an MCAP file, a bag's `.db3` file, or a bag's folder (metadata.yaml with .mcap or .db3 files). Messages are those of ROS 2
(CDR): sensor_msgs/Image, CompressedImage and Imu. FOLDER is looked in for the `mcap` library first.

`index` writes one line of JSON, then little-endian arrays: times of the pictures (int64 ns), angular rates and accelerations
(int64 ns, three doubles each), then the first picture as `frames` writes it. `frames` writes each picture as PICTURE below and its
bytes as they lie in the message, and ends with kind END. What goes wrong is one line: JSON with the key `error`, or kind ERROR with
the text. Times are those of the messages' headers; where the first picture's is 0, of the log. `check` writes a line where the
libraries are there.
"""
import argparse
import array
import difflib
import json
import os
import re
import resource
import sqlite3
import struct
import sys

MEMORY = 768 << 20
LARGEST_SIDE = 32768
PICTURE = struct.Struct("<qiIIII")  # time ns, kind, width, height, bytes a row, bytes
END, ERROR, ENCODED = -1, -2, 0
MAGIC = b"\x89MCAP0\r\n"
# Raw encodings: kind, bytes a pixel.
KINDS = {
    "mono8": (1, 1), "8UC1": (1, 1), "rgb8": (2, 3), "bgr8": (3, 3), "8UC3": (3, 3), "rgba8": (4, 4), "bgra8": (5, 4), "8UC4": (5, 4),
    "bayer_rggb8": (6, 1), "bayer_bggr8": (7, 1), "bayer_gbrg8": (8, 1), "bayer_grbg8": (9, 1),
    "yuv422_yuy2": (10, 2), "yuyv": (10, 2), "yuv422": (11, 2), "uyvy": (11, 2),
}
READ = "mono8, rgb8, bgr8, rgba8, bgra8, bayer of 8 bits, yuv422, and JPEG or PNG in CompressedImage are read"
IMAGE, COMPRESSED, IMU = "sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage", "sensor_msgs/msg/Imu"
VIDEO = {"foxglove_msgs/msg/CompressedVideo", "ffmpeg_image_transport_msgs/msg/FFMPEGPacket", "theora_image_transport/msg/Packet"}


class Refusal(Exception):
    """What is wrong with the recording, in words."""


class CDR:
    """A message's fields one after the other, as ROS 2 serialises them (XCDR version 1)."""

    def __init__(self, data):
        self.data = memoryview(data)
        if len(data) < 4 or data[0] != 0 or data[1] not in (0, 1):
            raise Refusal("a message is not in CDR as ROS 2 writes it")
        self.order = "<" if data[1] else ">"
        self.at = 4

    def take(self, code, size):
        self.at += -(self.at - 4) % size
        values = struct.unpack_from(self.order + code, self.data, self.at)
        self.at += struct.calcsize(self.order + code)
        return values

    def number(self, code, size):
        return self.take(code, size)[0]

    def text(self):
        return bytes(self.bytes()).rstrip(b"\0").decode("utf-8", "replace")

    def bytes(self):
        count = self.number("I", 4)
        if count > len(self.data) - self.at:
            raise Refusal(f"a message states {count} bytes where {len(self.data) - self.at} follow")
        self.at += count
        return self.data[self.at - count:self.at]

    def stamp(self):
        """The header's time, ns."""
        seconds, nanoseconds = self.take("iI", 4)
        self.text()
        return seconds * 1_000_000_000 + nanoseconds


def picture(kind, data):
    """Stamp, name of the encoding, kind, width, height, bytes a row and bytes of a message; a picture that is not read is a Refusal."""
    fields = CDR(data)
    stamp = fields.stamp()
    if kind == COMPRESSED:
        form = fields.text()
        content = fields.bytes()
        if "compressedDepth" in form:
            raise Refusal(f"holds depth ({form})")
        head = bytes(content[:32])
        if head.startswith(b"\x89PNG"):
            if len(head) > 24 and head[24] > 8:
                raise Refusal("holds PNG of 16 bits")
        elif not head.startswith(b"\xff\xd8"):
            raise Refusal(f"holds '{form}', which is neither JPEG nor PNG")
        return stamp, "JPEG" if head[0] == 0xFF else "PNG", ENCODED, 0, 0, 0, content
    height, width = fields.take("II", 4)
    encoding = fields.text()
    fields.number("B", 1)
    step = fields.number("I", 4)
    content = fields.bytes()
    if encoding not in KINDS:
        raise Refusal(f"holds {encoding}")
    number, size = KINDS[encoding]
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE) or step < width * size or len(content) < step * (height - 1) + width * size:
        raise Refusal(f"states {width}x{height} {encoding} in {step} bytes a row, and holds {len(content)} bytes")
    return stamp, encoding, number, width, height, step, content


class Sqlite:
    """A `.db3` file of a bag."""

    def __init__(self, path, compressed=False):
        self.path = path
        if compressed:
            import zstandard
            self.unpack = lambda data: zstandard.ZstdDecompressor().decompress(data, max_output_size=MEMORY // 4)
        else:
            self.unpack = lambda data: data
        quoted = os.path.abspath(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        self.base = sqlite3.connect(f"file:{quoted}?mode=ro&immutable=1", uri=True)
        self.base.execute("PRAGMA trusted_schema=OFF")
        tables = {row[0] for row in self.base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {"messages", "topics"} <= tables:
            raise Refusal("is no ROS 2 bag: its tables messages and topics are missing")
        self.start = self.base.execute("SELECT MIN(timestamp) FROM messages").fetchone()[0] or 0

    def topics(self):
        count = "(SELECT COUNT(*) FROM messages WHERE topic_id = topics.id)"
        for number, name, kind, form, messages in self.base.execute(f"SELECT id, name, type, serialization_format, {count} FROM topics ORDER BY id"):
            yield str(name), str(kind), str(form), messages

    def messages(self, names):
        marks = ",".join("?" * len(names))
        rows = self.base.execute(
            f"SELECT topics.name, messages.timestamp, messages.data FROM messages JOIN topics ON messages.topic_id = topics.id "
            f"WHERE topics.name IN ({marks}) ORDER BY messages.timestamp, messages.id", list(names))
        for name, time, data in rows:
            if not isinstance(time, int) or not isinstance(data, bytes):
                raise Refusal(f"{name}: a row holds no message")
            yield name, time, self.unpack(data)


class Mcap:
    """An MCAP file."""

    def __init__(self, path):
        from mcap.reader import NonSeekingReader, SeekingReader
        self.file = open(path, "rb")
        if os.path.getsize(path) < 16 or os.pread(self.file.fileno(), 8, os.path.getsize(path) - 8) != MAGIC:
            name = os.path.basename(path)
            raise Refusal(f"was cut off: the recorder did not come to its end; `mcap recover {name} -o mended.mcap` keeps what is whole")
        self.reader = SeekingReader(self.file, validate_crcs=True, record_size_limit=MEMORY)
        self.reader.get_header()
        summary = self.reader.get_summary()
        self.found = {}
        # A file without an index is read as it lies.
        self.in_order = summary is not None and bool(summary.chunk_indexes) and bool(summary.channels)
        if not self.in_order:
            self.plain = lambda: (self.file.seek(0), NonSeekingReader(self.file, validate_crcs=True, record_size_limit=MEMORY))[1]
            for schema, channel, _ in self.plain().iter_messages(log_time_order=False):
                self.count(schema, channel, 1)
            self.start = 0
        else:
            counts = summary.statistics.channel_message_counts if summary.statistics else {}
            for number, channel in sorted(summary.channels.items()):
                self.count(summary.schemas.get(channel.schema_id), channel, counts.get(number, 0))
            self.start = summary.statistics.message_start_time if summary.statistics else 0

    def count(self, schema, channel, messages):
        known = self.found.setdefault(channel.topic, [schema.name if schema else "", channel.message_encoding, 0])
        known[2] += messages

    def topics(self):
        return ((name, kind, form, messages) for name, (kind, form, messages) in self.found.items())

    def messages(self, names):
        reader = self.reader if self.in_order else self.plain()
        for _, channel, message in reader.iter_messages(topics=list(names), log_time_order=self.in_order):
            yield channel.topic, message.log_time, message.data


class Folder:
    """A bag's folder: its files one after the other."""

    def __init__(self, path):
        with open(os.path.join(path, "metadata.yaml"), encoding="utf-8", errors="replace") as file:
            text = file.read(1 << 24)
        names = [os.path.basename(name) for name in re.findall(r'^\s*-\s*["\']?([^"\'\n]+?\.(?:mcap|db3)(?:\.zstd)?)["\']?\s*$', text, re.M)]
        names = list(dict.fromkeys(names)) or sorted(n for n in os.listdir(path) if n.endswith((".mcap", ".db3")))
        missing = [name for name in names if not os.path.exists(os.path.join(path, name))]
        packed = [name for name in names if name.endswith(".zstd")]
        if packed:
            raise Refusal(f"{packed[0]} is packed as a file: unpack it with `zstd -d {packed[0]}`, then `ros2 bag reindex` the folder")
        if missing or not names:
            raise Refusal(f"{missing[0] if missing else 'every .mcap or .db3 file'} of the bag is missing: metadata.yaml names it; "
                          "put it back, or `ros2 bag reindex` the folder")
        each = re.search(r'compression_mode:\s*["\']?message', text, re.I) is not None
        self.parts = [opened(os.path.join(path, name), each) for name in names]
        self.parts.sort(key=lambda part: part.start)
        self.start = self.parts[0].start

    def topics(self):
        found = {}
        for part in self.parts:
            for name, kind, form, messages in part.topics():
                known = found.setdefault(name, [kind, form, 0])
                known[2] += messages
        return ((name, *rest) for name, rest in found.items())

    def messages(self, names):
        for part in self.parts:
            yield from part.messages(names)


def opened(path, compressed=False):
    if os.path.isdir(path):
        return Folder(path)
    with open(path, "rb") as file:
        head = file.read(16)
    if not head:
        raise Refusal("is empty")
    if head.startswith(b"\x89MCAP"):
        return Mcap(path)
    if head.startswith(b"SQLite format 3\0"):
        return Sqlite(path, compressed)
    if head.startswith(b"#ROSBAG"):
        name = os.path.basename(path)
        raise Refusal(f"is a ROS 1 bag; `pip install rosbags` and `rosbags-convert --src {name} --dst {os.path.splitext(name)[0]}` make a ROS 2 bag of it")
    raise Refusal("is neither MCAP nor a bag's sqlite3 file")


def typed(kind):
    """A type's name with `/msg/`, whether or not the writer put it in."""
    parts = kind.split("/")
    return f"{parts[0]}/msg/{parts[1]}" if len(parts) == 2 else kind


def named(name, topics):
    """The topic of that name, its leading slash there or not."""
    for known in topics:
        if known.lstrip("/") == name.lstrip("/"):
            return known
    near = difflib.get_close_matches(name, list(topics), 1, 0.5)
    raise Refusal(f"there is no topic {name}" + (f" (did you mean {near[0]}?)" if near else "") + "; its topics are " + listed(topics))


def listed(topics):
    names = [f"{name} ({kind})" for name, (kind, _, _) in topics.items()]
    return ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "") if names else "none"


def cdr(name, topics):
    kind, form, messages = topics[name]
    if form != "cdr":
        raise Refusal(f"{name}: its messages are in '{form}'; CDR, as ROS 2 writes it, is read")
    return kind


def look(bag, name, kind):
    """Encoding, width and height of a topic's first picture."""
    for _, _, data in bag.messages([name]):
        _, encoding, _, width, height, _, _ = picture(kind, data)
        return encoding, width, height
    raise Refusal("has no message")


def image_topic(bag, topics, wanted):
    if wanted:
        name = named(wanted, topics)
        kind = cdr(name, topics)
        if kind not in (IMAGE, COMPRESSED):
            raise Refusal(f"ingest.image_topic: {name} is {kind}; {READ}")
        try:
            return name, look(bag, name, kind)[0]
        except Refusal as refusal:
            raise Refusal(f"{name} {refusal}; {READ}") from None
    good, bad = {}, []
    for name, (kind, form, _) in topics.items():
        if kind in VIDEO:
            bad.append(f"{name} is {kind}")
        if kind not in (IMAGE, COMPRESSED):
            continue
        try:
            good[name] = look(bag, name, cdr(name, topics))
        except Refusal as refusal:
            bad.append(f"{name} {refusal}" if not str(refusal).startswith(name) else str(refusal))
    # What image_transport publishes beside a raw topic is the same picture.
    for name in list(good):
        if name.endswith("/compressed") and name[:-len("/compressed")] in good:
            del good[name]
    if len(good) > 1:
        each = ", ".join(f"{n} ({e}{f' {w}x{h}' if w else ''}, {topics[n][2]} pictures)" for n, (e, w, h) in good.items())
        raise Refusal(f"it has {len(good)} image topics: {each}; say which with --set ingest.image_topic={next(iter(good))}")
    if not good:
        why = "; ".join(bad[:5]) if bad else f"its topics are {listed(topics)}"
        raise Refusal(f"it has no image topic that is read: {why}; {READ}")
    name = next(iter(good))
    return name, good[name][0]


def imu_topics(topics, wanted):
    """Topics of the angular rates and of the accelerations, and a remark; none where there is no IMU."""
    if wanted:
        names = [named(part.strip(), topics) for part in wanted.split(",") if part.strip()]
        wrong = [name for name in names if cdr(name, topics) != IMU]
        if wrong or not 1 <= len(names) <= 2:
            raise Refusal(f"ingest.imu_topic: {wrong[0] + ' is ' + topics[wrong[0]][0] if wrong else wanted}; one topic of {IMU} is accepted, "
                          "or two: gyroscope,accelerometer")
        return names[0], names[-1], ""
    found = [name for name, (kind, form, messages) in topics.items() if kind == IMU and messages]
    if not found:
        return None, None, "it has no topic of " + IMU
    gyros = [name for name in found if "gyro" in name.lower() and "accel" not in name.lower()]
    accels = [name for name in found if "accel" in name.lower() and "gyro" not in name.lower()]
    joint = [name for name in found if name not in gyros and name not in accels]
    if len(joint) == 1:
        cdr(joint[0], topics)
        return joint[0], joint[0], ""
    if not joint and len(gyros) == 1 and len(accels) == 1:
        cdr(gyros[0], topics)
        return gyros[0], accels[0], ""
    if not joint and len(found) == 1:
        return found[0], found[0], ""
    raise Refusal(f"it has {len(found)} IMU topics: {', '.join(found)}; say which with --set ingest.imu_topic={found[0]}, or "
                  "ingest.imu_topic=GYROSCOPE,ACCELEROMETER")


def reading(data):
    """Stamp, angular rate and acceleration of an Imu message; nil where its covariance begins with -1, as ROS says that there is none."""
    fields = CDR(data)
    stamp = fields.stamp()
    values = fields.take("37d", 8)
    rate = values[13:16] if values[16] != -1 else None
    return stamp, rate, values[25:28] if values[28] != -1 else None


class Samples:
    """A sensor's readings in the order of their times, each time once."""

    def __init__(self):
        self.rows = []

    def sorted(self):
        self.rows.sort(key=lambda row: row[0])
        kept = [row for n, row in enumerate(self.rows) if n == 0 or row[0] != self.rows[n - 1][0]]
        return kept, len(self.rows) - len(kept)


class Pictures:
    """A topic's pictures in order: those whose time does not come after the one before are left out, here as in every pass."""

    def __init__(self, kind):
        self.kind = kind
        self.clock = None
        self.last = None
        self.dropped = 0

    def next(self, time, data):
        """Time and the fields of `picture`; nil for one that is left out."""
        fields = picture(self.kind, data)
        if self.clock is None:
            self.clock = "header" if fields[0] > 0 else "log"
        stamp = fields[0] if self.clock == "header" else time
        if self.last is not None and stamp <= self.last:
            self.dropped += 1
            return None
        self.last = stamp
        return (stamp, *fields[1:])


def packed(fields):
    stamp, _, kind, width, height, step, content = fields
    return PICTURE.pack(stamp, kind, width, height, step, len(content))


def index(bag, topics, options, out):
    name, encoding = image_topic(bag, topics, options.image)
    gyroscope, accelerometer, remark = imu_topics(topics, options.imu)
    pictures = Pictures(topics[name][0])
    times, first = array.array("q"), None
    rates, forces = Samples(), Samples()
    remarks = [remark] if remark else []
    for topic, time, data in bag.messages({name, gyroscope, accelerometer} - {None}):
        if topic == name:
            fields = pictures.next(time, data)
            if fields is None:
                continue
            if first is None:
                first = (packed(fields), bytes(fields[6]))
            times.append(fields[0])
            continue
        stamp, rate, force = reading(data)
        stamp = stamp if stamp > 0 else time
        if topic == gyroscope and rate is not None:
            rates.rows.append((stamp, *rate))
        if topic == accelerometer and force is not None:
            forces.rows.append((stamp, *force))
    if first is None:
        raise Refusal(f"{name} has no picture")
    if pictures.dropped:
        remarks.append(f"{pictures.dropped} pictures of {name} whose time does not come after the one before are left out")
    if pictures.clock == "log":
        remarks.append(f"the headers of {name} state no time: times are those of the log")
    sensors = []
    for sensor, samples in (("gyroscope", rates), ("accelerometer", forces)):
        rows, twice = samples.sorted()
        if twice:
            remarks.append(f"{twice} readings of the {sensor} have the time of another and are left out")
        sensors.append(rows)
    head = {
        "schema": "griptrace.bag.v1", "imageTopic": name, "encoding": encoding, "frames": len(times), "clock": pictures.clock,
        "imuTopics": list(dict.fromkeys(topic for topic in (gyroscope, accelerometer) if topic)),
        "gyroscope": len(sensors[0]), "accelerometer": len(sensors[1]), "remarks": remarks,
        "topics": [f"{topic} {kind}, {messages} messages" for topic, (kind, _, messages) in list(topics.items())[:200]],
    }
    out.write(json.dumps(head).encode() + b"\n")
    if sys.byteorder == "big":
        times.byteswap()
    out.write(times.tobytes())
    for rows in sensors:
        out.write(b"".join(struct.pack("<qddd", *row) for row in rows))
    out.write(first[0])
    out.write(first[1])


def frames(bag, topics, options, out):
    name = named(options.image or "", topics)
    pictures = Pictures(cdr(name, topics))
    for _, time, data in bag.messages([name]):
        fields = pictures.next(time, data)
        if fields is not None:
            out.write(packed(fields))
            out.write(fields[6])
    out.write(PICTURE.pack(0, END, 0, 0, 0, 0))


def reason(error, path):
    """One line for what went wrong."""
    if isinstance(error, Refusal):
        return str(error)
    if isinstance(error, MemoryError):
        return f"a part of it needs more than {MEMORY >> 20} MiB"
    if isinstance(error, ModuleNotFoundError):
        return (f"Python's library '{error.name}' is missing, which reads MCAP: `make setup` puts it into .deps, or "
                "`python3 -m pip install mcap` where GRIPTRACE_PYTHON points")
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror}"
    text = " ".join(f"{type(error).__name__} {error}".split())[:200]
    if type(error).__module__.startswith("sqlite3"):
        return f"the bag is damaged ({text}); `sqlite3 FILE .recover` shows what is left of it"
    return f"the recording is damaged ({text}); `mcap recover {os.path.basename(path)} -o mended.mcap` keeps what is whole"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", help="a folder with the mcap library")
    parser.add_argument("command", choices=["index", "frames", "check"])
    parser.add_argument("path")
    parser.add_argument("--image")
    parser.add_argument("--imu")
    options = parser.parse_args()
    if options.library:
        sys.path.insert(0, options.library)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if options.command == "check":
        try:
            import lz4.frame  # noqa: F401
            import mcap.reader  # noqa: F401
            import zstandard  # noqa: F401
        except ModuleNotFoundError as error:
            sys.exit(reason(error, options.path))
        print("ready")
        return
    out = sys.stdout.buffer
    try:
        bag = opened(options.path)
        topics = {name: (typed(kind), form, messages) for name, kind, form, messages in bag.topics()}
        (index if options.command == "index" else frames)(bag, topics, options, out)
        out.flush()
    except BrokenPipeError:
        os._exit(0)
    except Exception as error:  # pylint: disable=broad-except
        text = reason(error, options.path)
        if options.command == "index":
            out.write(json.dumps({"error": text}).encode() + b"\n")
        else:
            content = text.encode()
            out.write(PICTURE.pack(0, ERROR, 0, 0, 0, len(content)) + content)
        out.flush()


if __name__ == "__main__":
    main()
