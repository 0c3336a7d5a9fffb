"""Pixels, Jacobians and bearings of camera models by OpenCV, to hold ours against; prints Tests/GeometryTests/OpenCVGoldens.swift.

    python3 -m venv venv && venv/bin/pip install opencv-python-headless==5.0.0.93 numpy
    venv/bin/python Tests/opencv_cameras.py > Tests/GeometryTests/OpenCVGoldens.swift
"""
import cv2
import numpy as np

CAMERAS = [
    # name, lens, fx, fy, cx, cy, four distortion terms, largest angle in degrees
    ("gopro", "kannalaBrandt", 796.85, 796.85, 1354.43, 1011.48, (-0.02196, -0.01896, 0.00169, -0.00017), 88),
    ("wide", "kannalaBrandt", 282.9, 283.4, 480.0, 358.0, (-0.01746, -0.02808, 0.01283, -0.00452), 80),
    ("small", "kannalaBrandt", 61.7, 60.9, 111.2, 112.6, (0.031, 0.012, -0.009, 0.0014), 70),
    ("euroc", "pinhole", 458.7, 457.3, 367.2, 248.4, (-0.28340811, 0.07395907, 0.00019359, 1.76187114e-05), 40),
    ("webcam", "pinhole", 640.3, 655.1, 320.7, 239.2, (0.11, -0.23, -0.0021, 0.0034), 38),
]
COUNT = 24


def points(seed, largest):
    """Directions from the axis to the largest angle, at several distances."""
    rng = np.random.default_rng(seed)
    angle = np.radians(largest) * np.sqrt(np.linspace(0.0004, 1, COUNT))
    turn = rng.uniform(0, 2 * np.pi, COUNT)
    ray = np.stack([np.sin(angle) * np.cos(turn), np.sin(angle) * np.sin(turn), np.cos(angle)], 1)
    return np.round(ray * rng.uniform(0.2, 3, (COUNT, 1)), 6)


def row(values):
    return ", ".join(f"{float(v):.12g}" for v in values)


print("// Made by Tests/opencv_cameras.py with OpenCV " + cv2.__version__ + "; do not edit.")
print("/// What OpenCV makes of points before a camera; Jacobians by fx fy cx cy and the four distortion terms, rows u and v.")
print("enum OpenCVGoldens {")
print("    struct Camera {")
print("        var name: String")
print("        var isFisheye: Bool")
print("        /// fx fy cx cy and the four distortion terms.")
print("        var intrinsics: [Double]")
print("        var samples: [Sample]")
print("    }")
print()
print("    struct Sample {")
print("        var point: [Double]")
print("        var pixel: [Double]")
print("        /// x / z and y / z of the bearing that OpenCV finds for the pixel.")
print("        var normalized: [Double]")
print("        var du: [Double]")
print("        var dv: [Double]")
print("    }")
print()
print("    static let cameras: [Camera] = [" + ", ".join(name for name, *_ in CAMERAS) + "]")
zero = np.zeros(3)
for k, (name, lens, fx, fy, cx, cy, d, largest) in enumerate(CAMERAS):
    camera = np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1.0]])
    distortion = np.array(d)
    p = points(k + 1, largest)
    stop = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 200, 1e-14)
    if lens == "kannalaBrandt":
        pixels, jacobian = cv2.fisheye.projectPoints(p[:, None], zero, zero, camera, distortion)
        by = list(range(8))
        rays = cv2.fisheye.undistortPoints(pixels, camera, distortion, criteria=stop)
    else:
        pixels, jacobian = cv2.projectPoints(p[:, None], zero, zero, camera, distortion)
        by = list(range(6, 14))
        rays = cv2.undistortPointsIter(pixels, camera, distortion, None, None, stop) if hasattr(cv2, "undistortPointsIter") \
            else cv2.undistortPoints(pixels, camera, distortion, criteria=stop)
    print()
    print(f"    private static let {name} = Camera(")
    print(f'        name: "{name}", isFisheye: {str(lens == "kannalaBrandt").lower()},')
    print(f"        intrinsics: [{row([fx, fy, cx, cy, *d])}],")
    print("        samples: [")
    for i in range(COUNT):
        du, dv = jacobian[2 * i, by], jacobian[2 * i + 1, by]
        print("            Sample(")
        print(f"                point: [{row(p[i])}], pixel: [{row(pixels.reshape(-1, 2)[i])}],")
        print(f"                normalized: [{row(rays.reshape(-1, 2)[i])}],")
        for axis, values in (("du", du), ("dv", dv)):
            end = ")," if axis == "dv" else ","
            print(f"                {axis}: [")
            print(f"                    {row(values)},")
            print(f"                ]{end}")
    print("        ])")
print("}")
