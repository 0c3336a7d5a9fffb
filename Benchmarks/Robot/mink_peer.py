"""Differential inverse kinematics by mink (MuJoCo and a QP) on one thread: the peer beside which our figures stand.

usage: mink_peer.py MODEL.xml FLANGE STEPS
Each step moves a random posture towards a target 0.05 rad away, as our warm solves begin, and goes on until 1e-5 m and rad.
"""
import sys
import time

import mink
import mujoco
import numpy as np

model = mujoco.MjModel.from_xml_path(sys.argv[1])
steps = int(sys.argv[3])
configuration = mink.Configuration(model)
task = mink.FrameTask(sys.argv[2], "body", position_cost=1.0, orientation_cost=1.0)
limits = [mink.ConfigurationLimit(model)]
random = np.random.default_rng(1)
low, high = model.jnt_range[:, 0], model.jnt_range[:, 1]
count = solves = good = 0
spent = 0.0
while count < steps:
    goal = random.uniform(low, high)
    configuration.update(goal)
    task.set_target(configuration.get_transform_frame_to_world(sys.argv[2], "body"))
    configuration.update(np.clip(goal + random.uniform(-0.05, 0.05, len(goal)), low, high))
    start = time.thread_time()
    for _ in range(20):
        velocity = mink.solve_ik(configuration, [task], 1.0, "daqp", damping=1e-6, limits=limits)
        configuration.integrate_inplace(velocity, 1.0)
        count += 1
        if np.abs(task.compute_error(configuration)).max() < 1e-5:
            good += 1
            break
    spent += time.thread_time() - start
    solves += 1
print(f"mink: {1e6 * spent / count:.0f} us a step ({count / spent:.0f} steps/s), {1e6 * spent / solves:.0f} us a warm solve, {100 * good / solves:.1f} % solved")
print(f"figure\tik.mink_time\t{1e6 * spent / count:.0f}\tµs")
