#!/usr/bin/env python3
"""Hands damaged files of every format to the program: none may end it by a signal, hang it or eat the memory.

usage: mutate.py PROGRAM [--count N] [--seed S] [--formats tum,csv,…] [--keep FOLDER]

Each format has good files, made here or taken from Fixtures/ and Calibration/. A mutation changes up to four places of one:
bits, bytes, numbers (huge, negative, NaN, of other units), stretches cut, doubled or swapped, the file cut short. Files go to
one process in batches; a batch that fails is tried file by file. Files that fail are kept, with the command that shows it.
"""
import argparse
import io
import os
import random
import re
import resource
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SECONDS = 20
MEMORY = 1 << 30
NUMBERS = [b"nan", b"inf", b"-inf", b"1e308", b"-1e308", b"1e-320", b"9223372036854775808", b"-9223372036854775808", b"1e19", b"0", b"-1",
           b"4294967296", b"2147483648", b"1617181920212223242", b"0x1p2000", b"1,5", b"", b".", b"1e400", b"true", b"\xef\xbb\xbf", b"\""]


def read(*path):
    with open(os.path.join(ROOT, *path), "rb") as file:
        return file.read()


def poses(rows, line):
    return "".join(line(n, n / 30) for n in range(rows)).encode()


def urdf():
    text = '<robot name="r"><link name="l0"/>'
    for n in range(1, 7):
        text += (f'<link name="l{n}"><inertial><mass value="1"/><inertia ixx="0.01" iyy="0.01" izz="0.01"/></inertial><collision><geometry>'
                 f'<sphere radius="0.05"/></geometry></collision></link><joint name="j{n}" type="revolute"><parent link="l{n - 1}"/>'
                 f'<child link="l{n}"/><origin xyz="0 0 0.2" rpy="0 0 0"/><axis xyz="0 {n % 2} {1 - n % 2}"/>'
                 f'<limit lower="-2" upper="2" effort="30" velocity="2"/></joint>')
    text += ('<link name="jaw"><inertial><mass value="0.1"/><inertia ixx="1e-4" iyy="1e-4" izz="1e-4"/></inertial></link><joint name="jaw" '
             'type="revolute"><parent link="l6"/><child link="jaw"/><axis xyz="1 0 0"/><limit lower="0" upper="1" effort="1" velocity="1"/>'
             '</joint></robot>')
    return text.encode()


def gpmf():
    """A payload of one camera: gyroscope and accelerometer, stamped."""
    def item(key, kind, size, data):
        return key + bytes([ord(kind) if kind else 0, size]) + struct.pack(">H", len(data) // size if size else 0) + data + b"\0" * (-len(data) % 4)

    def nest(key, data):
        return item(key, "", 1, data)
    out = b""
    for second in range(3):
        streams = b""
        for key, unit, scale in ((b"GYRO", b"rad/s", 939), (b"ACCL", b"m/s\xb2", 417)):
            values = b"".join(struct.pack(">hhh", n % 90, 40 - n % 7, scale % 300 + n % 11) for n in range(200))
            streams += nest(b"STRM", item(b"STMP", "J", 8, struct.pack(">Q", second * 1000000)) + item(b"SIUN", "c", len(unit), unit)
                            + item(b"SCAL", "s", 2, struct.pack(">h", scale)) + item(b"ORIN", "c", 1, b"ZXY") + item(key, "s", 6, values))
        out += nest(b"DEVC", item(b"DVID", "L", 4, struct.pack(">L", 1)) + item(b"DVNM", "c", 1, b"Camera") + streams)
    return out


def bag_messages():
    """Topic, type, time and CDR of a tiny camera's pictures and its IMU's readings, as ROS 2 serialises them."""
    def header(time):
        return b"\0\1\0\0" + struct.pack("<iII4s", time // 10**9, time % 10**9, 4, b"cam\0")
    for n in range(3):
        time = 1_700_000_000_000_000_000 + n * 33_333_333
        picture = struct.pack("<III6sBxII", 8, 8, 6, b"mono8\0", 0, 8, 64) + bytes(range(n, 64 + n))
        yield "/camera/image_raw", "sensor_msgs/msg/Image", time, header(time) + picture
        yield "/camera/imu", "sensor_msgs/msg/Imu", time, header(time) + struct.pack("<37d", *(0.1 * i for i in range(37)))


def mcap(compression):
    sys.path.insert(0, os.path.join(ROOT, ".deps"))
    from mcap.writer import CompressionType, Writer
    out = io.BytesIO()
    writer = Writer(out, compression=CompressionType[compression])
    writer.start("ros2", "mutate")
    channels = {}
    for topic, kind, time, data in bag_messages():
        if topic not in channels:
            channels[topic] = writer.register_channel(topic, "cdr", writer.register_schema(kind, "ros2msg", b""))
        writer.add_message(channels[topic], time, data, time)
    writer.finish()
    return out.getvalue()


def db3():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.db3")
        base = sqlite3.connect(path)
        base.executescript("CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT, type TEXT, serialization_format TEXT, offered_qos_profiles TEXT);"
                           "CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER, timestamp INTEGER, data BLOB);")
        topics = {}
        for topic, kind, time, data in bag_messages():
            if topic not in topics:
                topics[topic] = len(topics) + 1
                base.execute("INSERT INTO topics VALUES (?, ?, ?, 'cdr', '')", (topics[topic], topic, kind))
            base.execute("INSERT INTO messages (topic_id, timestamp, data) VALUES (?, ?, ?)", (topics[topic], time, data))
        base.commit()
        base.close()
        with open(path, "rb") as file:
            return file.read()


def formats():
    """Per format: the command that reads it, the file's name, good contents."""
    quaternion = "0 0 0.6 0.8"
    yield "tum", "inspect", "a.tum", [poses(60, lambda n, t: f"{t:.6f} {0.1 * t:.4f} 0.2 0.3 {quaternion}\n")]
    yield "csv", "inspect", "a.csv", [
        b"Timestamp,Pos X,Pos Y,Pos Z,Q_X,Q_Y,Q_Z,Q_W\n" + poses(20, lambda n, t: f"{t},0.1,0.2,{t},0,0,0.6,0.8\n"),
        b"recording,start,end,label,note\na,0,1,mistake,\n", read("Fixtures", "session", "truth", "recordings.csv")]
    yield "poses", "inspect", "a.txt", [
        b"Timestamp,Pos X,Pos Y,Pos Z,Q_X,Q_Y,Q_Z,Q_W\n" + poses(20, lambda n, t: f"{t},0.1,0.2,{t},0,0,0.6,0.8\n"),
        b"time_s,joint_1,joint_2,gripper\n" + poses(20, lambda n, t: f"{t},0.1,{t},0\n"),
        b"frame_idx,timestamp,state,is_lost,is_keyframe,x,y,z,q_x,q_y,q_z,q_w\n"
        + poses(20, lambda n, t: f"{n},{t},2,false,true,0.1,0.2,{t},0,0,0.6,0.8\n"),
        b"frame,x,y,z,rx,ry,rz,gripper_width\n" + poses(20, lambda n, t: f"{n},0.1,0.2,{t},0,0.5,0,0.08\n"),
        b"frame,hand,global_orient_x,global_orient_y,global_orient_z,wrist_x_m,wrist_y_m,wrist_z_m\n"
        + poses(20, lambda n, t: f"{n},right,0.1,0.2,{t},0,0.5,0\n"),
        poses(20, lambda n, t: f"{t} T20 POSE 0 0 {t} 0.8 0 0 0.6\n"),
        b'{"fps": 30, "poses": [[0, 0, 0.6, 0.8, 0, 0, 1], [0, 0, 0, 1, 0, 0, 2]], "frameTimestamps": [1.5, 1.6]}',
        b'{"0": {"xyz": [0, 0, 1], "quats": [0, 0, 0, 1], "gripper": 0.5}, "1": {"xyz": [0, 0, 1], "quats": [0, 0, 0, 1], "gripper": 1}}']
    yield "device", "inspect", "a.yaml", [read("Calibration", "devices", name) for name in ("simulator.yaml", "gopro10_umi.yaml")]
    yield "arm", "arms", "a.yaml", [read("Calibration", "arms", "ur5e", "arm.yaml"), read("Calibration", "arms", "vx300s", "arm.yaml")]
    yield "urdf", "arms", "a.urdf", [urdf()]
    yield "mjcf", "arms", "a.xml", [read("Calibration", "arms", "ur5e", "ur5e.xml"), read("Calibration", "arms", "vx300s", "vx300s.xml")]
    yield "gpmf", "inspect", "a.raw", [gpmf()]
    yield "mp4", "inspect", "a.mp4", [read("Fixtures", "session", "demo_pick_place.mp4")]
    yield "mcap", "inspect", "a.mcap", [mcap("NONE"), mcap("ZSTD"), mcap("LZ4")]
    yield "db3", "inspect", "a.db3", [db3()]
    yield "json", "validate", "meta/info.json", [
        b'{"codebase_version": "v3.0", "robot_type": "panda", "total_episodes": 1, "total_frames": 10, "total_tasks": 1, "chunks_size": 1000, '
        b'"fps": 30, "splits": {"train": "0:1"}, "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet", "features": '
        b'{"action": {"dtype": "float32", "shape": [8], "names": null}, "timestamp": {"dtype": "float32", "shape": [1], "names": null}}}']


def places(data, name):
    """Where damage is likely to be read: MP4's index rather than its pictures."""
    if name.endswith(".mp4"):
        at = data.find(b"moov")
        return [(max(at - 4, 0), min(len(data), at + 40000)), (max(at - 4, 0), min(len(data), at + 3000)), (0, len(data))]
    return [(0, len(data))]


def mutate(data, name, dice):
    out = bytearray(data)
    is_text = not name.endswith((".mp4", ".raw", ".mcap", ".db3"))
    for _ in range(dice.randint(1, 4)):
        low, high = dice.choice(places(out, name))
        if high - low < 2:
            break
        at = dice.randrange(low, high)
        kind = dice.randrange(8)
        if is_text and kind < 4:
            numbers = [m.span() for m in re.finditer(rb"[-+0-9.eE]*[0-9][-+0-9.eE]*", bytes(out))]
            if numbers:
                first, last = dice.choice(numbers)
                out[first:last] = dice.choice(NUMBERS)
        elif kind < 2:
            width = dice.choice([1, 2, 4, 8])
            value = dice.choice([0, 1, 0x7F, 0x80, (1 << 8 * width) - 1, 1 << (8 * width - 1), (1 << (8 * width - 1)) - 1])
            out[at:at + width] = (value & ((1 << 8 * width) - 1)).to_bytes(width, "big")
        elif kind < 4:
            out[at] ^= 1 << dice.randrange(8)
        elif kind == 4:
            out[at] = dice.randrange(256)
        elif kind == 5:
            del out[at:at + dice.randint(1, 40)]
        elif kind == 6:
            out[at:at] = out[at:at + dice.randint(1, 60)] * dice.choice([1, 1, 2, 50])
        else:
            del out[dice.randrange(low, len(out)):]
    return bytes(out)


def limits():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(program, command, files):
    """What is wrong with the run, in words; None for nothing."""
    started = time.time()
    process = subprocess.Popen([program, command] + files, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=limits)
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if time.time() - started > SECONDS * max(1, len(files) // 8):
            process.kill()
            os.wait4(process.pid, 0)
            return f"runs past {SECONDS} s"
        time.sleep(0.002)
    process.returncode = 0
    if os.WIFSIGNALED(status):
        return f"ends by signal {os.WTERMSIG(status)}"
    if usage.ru_maxrss * 1024 > MEMORY:
        return f"takes {usage.ru_maxrss >> 10} MB"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--count", type=int, default=300, help="mutations of each format (default 300)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--formats", help="only these, with commas between")
    parser.add_argument("--keep", default="mutations", help="where files that fail are kept (default ./mutations)")
    parser.add_argument("--batch", type=int, default=200, help="files given to one process (default 200)")
    options = parser.parse_args()
    wanted = options.formats.split(",") if options.formats else None
    failures = 0
    for kind, command, name, good in formats():
        if wanted and kind not in wanted:
            continue
        dice = random.Random(f"{options.seed} {kind}")
        batch = options.batch
        found = done = 0
        while done < options.count:
            with tempfile.TemporaryDirectory() as folder:
                files = []
                for n in range(min(batch, options.count - done)):
                    own = os.path.join(folder, str(n))
                    path = os.path.join(own, name)
                    os.makedirs(os.path.dirname(path))
                    if kind == "arm":
                        for model in ("ur5e", "vx300s"):
                            shutil.copy(os.path.join(ROOT, "Calibration", "arms", model, f"{model}.xml"), own)
                    with open(path, "wb") as file:
                        file.write(mutate(dice.choice(good), name, dice))
                    files.append(own if command == "validate" else path)
                done += len(files)
                if run(options.program, command, files) is None:
                    continue
                for path in files:
                    problem = run(options.program, command, [path])
                    if problem is None:
                        continue
                    found += 1
                    os.makedirs(options.keep, exist_ok=True)
                    kept = os.path.join(options.keep, f"{kind}_{options.seed}_{found}" + ("" if os.path.isdir(path) else os.path.splitext(name)[1]))
                    (shutil.copytree if os.path.isdir(path) else shutil.copy)(path, kept)
                    print(f"griptrace {command} {kept}: {problem}", flush=True)
        print(f"{kind}: {done} mutations, {found} failures", flush=True)
        failures += found
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
