"""Tool poses and joint torques of arm models by Pinocchio, to hold ours against.

stdin: {"arms": [{"model", "flange", "rotation_xyzw", "translation_m", "payload_kg", "payload_inertia", "postures": [{"q", "v", "a"}]}]}
stdout: [{"poses": [[r00 r01 r02 x, ...12 numbers]], "torques": [[...]]}]
Payloads are balls at the tool; gravity is 9.81 m/s² down.
"""
import json
import sys

import numpy as np
import pinocchio as pin

out = []
for arm in json.load(sys.stdin)["arms"]:
    model = pin.buildModelFromMJCF(arm["model"])
    flange = model.frames[model.getFrameId(arm["flange"])]
    tool = pin.XYZQUATToSE3(np.array(arm["translation_m"] + arm["rotation_xyzw"]))
    placement = flange.placement * tool
    load = pin.Inertia(arm["payload_kg"], np.zeros(3), arm["payload_inertia"] * np.eye(3))
    model.appendBodyToJoint(flange.parentJoint, load, placement)
    model.gravity.linear = np.array([0, 0, -9.81])
    # Rotor inertia and damping are no part of what is compared.
    model.armature[:] = 0
    data = model.createData()
    poses, torques = [], []
    for p in arm["postures"]:
        q, v, a = (np.array(p[k]) for k in "qva")
        pin.forwardKinematics(model, data, q)
        poses.append((data.oMi[flange.parentJoint] * placement).homogeneous[:3].flatten().tolist())
        torques.append(pin.rnea(model, data, q, v, a).tolist())
    out.append({"poses": poses, "torques": torques})
json.dump(out, sys.stdout)
