"use strict";
// Words and colours for what the pipeline names.
const words = {
  of(name) { return name.replaceAll("_", " "); },

  verdicts: {
    kept: "kept", repaired: "repaired", cut: "cut", rejected: "rejected", failed: "failed",
  },
  meaning: {
    kept: "all of it is in the data set, as recorded",
    repaired: "all of it is in the data set, at another speed or with spikes mended",
    cut: "parts of it are in the data set",
    rejected: "nothing of it is in the data set",
    failed: "it could not be read or worked on",
  },

  colour(label) {
    const colours = {
      exported: "#3a9d5d", tracked: "#7fb5d8", bridged: "#c9a227", lost: "#8b8b8b", uncertain: "#8b8b8b", slowed: "#3f7fd0", sped_up: "#24a0a0",
      idle: "#cbbf9f", too_short: "#cbbf9f", gripper_unknown: "#cbbf9f", out_of_reach: "#7b4fb0", joint_velocity: "#e0562f",
      joint_acceleration: "#e98a2b", joint_torque: "#c9a227", joint_jerk: "#d1b24a", joint_torque_rate: "#d1b24a", tool_deviation: "#5f7f9f",
      joint_position: "#b0387f", path_jump: "#b0387f", singularity: "#b0387f", self_collision: "#a11d1d", table_collision: "#a11d1d",
      obstacle_collision: "#a11d1d", human: "#d03050", mistake: "#d03050", recovery: "#2f9e79", reject: "#a11d1d", accept: "#3a9d5d",
      cut: "#222", success: "#3a9d5d", failure: "#a11d1d", position_spike: "#1b1b1b",
    };
    return colours[label] ?? "#6b6b6b";
  },

  provenance: { original: "#b9c4cf", observed: "#3a9d5d", propagated: "#8fbf5a", invented: "#d9822b", rendered: "#7a55c7" },
  origin: {
    original: "as recorded", observed: "seen in other frames", propagated: "carried over from the frame before", invented: "painted in: nobody saw it",
    rendered: "a robot was drawn there",
  },

  seconds(value) { return `${value.toFixed(2)} s`; },
  percent(share, digits = 0) { return `${(100 * share).toFixed(digits)} %`; },
  number(value, digits) { return value === undefined || value === null || Number.isNaN(value) ? "" : value.toFixed(digits); },
  count(number, noun) { return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`; },
};
