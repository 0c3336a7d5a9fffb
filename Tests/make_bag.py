#!/usr/bin/env python3
"""Writes a recording's pictures and IMU readings into a bag with the public libraries.

usage: make_bag.py SPEC.json OUT

SPEC: {"form": "mcap" (the mcap library), "ros2-sqlite3" or "ros2-mcap" (the rosbags library), "encoding": of the pictures,
"width", "height", "pictures": file of them one after the other (raw encodings) or list of files (JPEG, PNG), "times": [ns],
"gyroscope" and "accelerometer": [[x, y, z]] with "gyroscope_times" and "accelerometer_times": [ns], "joint": one topic for both where their times agree, "image_topic",
"second": another topic of the same pictures,
"extra": whether topics that are not to be read are written too, "compression": the storage's, "stamped": whether headers state times}
"""
import json
import sys
from pathlib import Path

HEADER = "std_msgs/Header header\n"
SEPARATOR = "\n" + "=" * 80 + "\n"
TIME = SEPARATOR + "MSG: builtin_interfaces/Time\nint32 sec\nuint32 nanosec\n"
HEADER_TYPE = SEPARATOR + "MSG: std_msgs/Header\nbuiltin_interfaces/Time stamp\nstring frame_id\n" + TIME
VECTOR = SEPARATOR + "MSG: geometry_msgs/Vector3\nfloat64 x\nfloat64 y\nfloat64 z\n"
QUATERNION = SEPARATOR + "MSG: geometry_msgs/Quaternion\nfloat64 x\nfloat64 y\nfloat64 z\nfloat64 w\n"
TYPES = {
    "sensor_msgs/msg/Image": HEADER + "uint32 height\nuint32 width\nstring encoding\nuint8 is_bigendian\nuint32 step\nuint8[] data\n" + HEADER_TYPE,
    "sensor_msgs/msg/CompressedImage": HEADER + "string format\nuint8[] data\n" + HEADER_TYPE,
    "sensor_msgs/msg/Imu": HEADER + "geometry_msgs/Quaternion orientation\nfloat64[9] orientation_covariance\n"
    "geometry_msgs/Vector3 angular_velocity\nfloat64[9] angular_velocity_covariance\n"
    "geometry_msgs/Vector3 linear_acceleration\nfloat64[9] linear_acceleration_covariance\n" + HEADER_TYPE + VECTOR + QUATERNION,
    "std_msgs/msg/String": "string data\n",
}


def messages(spec):
    """Topic, type, time and the message as nested dictionaries, in the order of time."""
    stamped = spec.get("stamped", True)

    def header(time):
        return {"stamp": {"sec": time // 10**9 if stamped else 0, "nanosec": time % 10**9 if stamped else 0}, "frame_id": "camera"}

    out = []
    files = spec["pictures"]
    width, height = spec["width"], spec["height"]
    raw = Path(files).read_bytes() if isinstance(files, str) else None
    size = len(raw) // len(spec["times"]) if raw is not None else 0
    for n, time in enumerate(spec["times"]):
        if raw is None:
            data = Path(files[n]).read_bytes()
            out.append((time, spec["image_topic"], "sensor_msgs/msg/CompressedImage", {"header": header(time), "format": spec["encoding"], "data": data}))
        else:
            message = {"header": header(time), "height": height, "width": width, "encoding": spec["encoding"], "is_bigendian": 0,
                       "step": size // height, "data": raw[n * size:(n + 1) * size]}
            out.append((time, spec["image_topic"], "sensor_msgs/msg/Image", message))
        if spec.get("second"):
            out.append((time, spec["second"], *out[-1][2:]))
        if spec.get("extra"):
            depth = {"header": header(time), "height": 2, "width": 2, "encoding": "16UC1", "is_bigendian": 0, "step": 4, "data": bytes(8)}
            out.append((time, "/camera/depth/image_rect_raw", "sensor_msgs/msg/Image", depth))
            out.append((time, "/rosout", "std_msgs/msg/String", {"data": f"picture {n}"}))

    def imu(time, rate, force):
        v = lambda x: dict(zip("xyz", x))
        return {"header": header(time), "orientation": {"x": 0.0, "y": 0.0, "z": 0.0, "w": 1.0}, "orientation_covariance": [-1.0] + [0.0] * 8,
                "angular_velocity": v(rate), "angular_velocity_covariance": [0.0] * 9, "linear_acceleration": v(force),
                "linear_acceleration_covariance": [0.0] * 9}

    none = (0.0, 0.0, 0.0)
    rates = list(zip(spec["gyroscope_times"], spec["gyroscope"]))
    forces = list(zip(spec["accelerometer_times"], spec["accelerometer"]))
    if spec.get("joint"):
        out += [(time, "/camera/imu", "sensor_msgs/msg/Imu", imu(time, rate, force)) for (time, rate), (_, force) in zip(rates, forces)]
    else:
        out += [(time, "/camera/gyro/sample", "sensor_msgs/msg/Imu", imu(time, rate, none)) for time, rate in rates]
        out += [(time, "/camera/accel/sample", "sensor_msgs/msg/Imu", imu(time, none, force)) for time, force in forces]
    return sorted(out, key=lambda m: m[0])


def write_mcap(spec, path):
    from mcap.writer import CompressionType
    from mcap_ros2.writer import Writer
    with open(path, "wb") as file:
        compression = {"zstd": CompressionType.ZSTD, "lz4": CompressionType.LZ4, "none": CompressionType.NONE}[spec.get("compression", "zstd")]
        writer = Writer(file, compression=compression)
        schemas = {}
        for n, (time, topic, kind, message) in enumerate(messages(spec)):
            if kind not in schemas:
                schemas[kind] = writer.register_msgdef(kind, TYPES[kind])
            writer.write_message(topic, schemas[kind], message, log_time=time, publish_time=time, sequence=n)
        writer.finish()


def write_ros2(spec, path):
    import numpy
    from rosbags.rosbag2 import StoragePlugin, Writer
    from rosbags.typesys import Stores, get_typestore
    store = get_typestore(Stores.ROS2_HUMBLE)

    def made(kind, values):
        fields = {}
        for name, value in values.items():
            inner = {"header": "std_msgs/msg/Header", "stamp": "builtin_interfaces/msg/Time", "orientation": "geometry_msgs/msg/Quaternion",
                     "angular_velocity": "geometry_msgs/msg/Vector3", "linear_acceleration": "geometry_msgs/msg/Vector3"}.get(name)
            if inner:
                value = made(inner, value)
            elif isinstance(value, bytes):
                value = numpy.frombuffer(value, numpy.uint8)
            elif isinstance(value, list):
                value = numpy.array(value, numpy.float64)
            fields[name] = value
        return store.types[kind](**fields)

    plugin = StoragePlugin.SQLITE3 if spec["form"] == "ros2-sqlite3" else StoragePlugin.MCAP
    with Writer(Path(path), version=9, storage_plugin=plugin) as writer:
        connections = {}
        for time, topic, kind, message in messages(spec):
            if topic not in connections:
                connections[topic] = writer.add_connection(topic, kind, typestore=store)
            writer.write(connections[topic], time, store.serialize_cdr(made(kind, message), kind))


def main():
    spec = json.loads(Path(sys.argv[1]).read_text())
    (write_mcap if spec["form"] == "mcap" else write_ros2)(spec, sys.argv[2])


if __name__ == "__main__":
    main()
