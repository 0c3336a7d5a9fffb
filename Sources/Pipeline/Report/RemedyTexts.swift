// Written by Sources/Python/remedies.py from docs/troubleshooting.md: change that page instead.

extension Remedy {
    /// In the order of the page.
    static let texts: [(reason: String, stages: String, means: String, remedy: String)] = [
        (
            "unreadable",
            "ingest, export",
            "no two frames of the file decode, or a frame that was there before is gone",
            "copy the file from the card again; griptrace inspect FILE says where it breaks"
        ),
        (
            "truncated",
            "ingest",
            "the file ends before its index says; the frames that decode are used, the others are counted here",
            "copy it again; else nothing is to be done: the recorder lost power"
        ),
        (
            "chapters",
            "ingest",
            "files that GoPro's names make chapters of one recording are none, or one is missing in between",
            "put the named file beside the others, or rename what is a recording of its own; see recorders.md"
        ),
        (
            "frame_times",
            "ingest",
            "frames do not come after one another in time",
            "write the file anew (ffmpeg -i OLD -c copy NEW), or state the rate: --set ingest.frame_rate=…"
        ),
        (
            "stabilised",
            "ingest",
            "the pictures follow the gyroscope's slow turns and not its shake: the camera stabilised them, so that no lens model holds (a gyroscope that fits in neither is another fault, and is left out: see notes in the report)",
            "film with stabilisation off (GoPro: HyperSmooth off, horizon lock off); if you are sure: --set ingest.checks_stabilisation=false"
        ),
        (
            "picture_size",
            "any",
            "the pictures' shape is not the device file's: another video mode, a crop",
            "record in the mode that the device file holds for, or calibrate that mode: griptrace calibrate camera"
        ),
        (
            "check_result",
            "ingest",
            "UMI's review page refused the demo (check_result.txt does not begin with true)",
            "nothing, or remove the file"
        ),
        (
            "no_mapping",
            "map",
            "the session has no mapping recording, or it could not be read",
            "film one (mapping.mp4); or --poses"
        ),
        (
            "no_scale",
            "feasibility",
            "neither the table tag nor an IMU gives the scale, and no length was stated: the path has a shape and no size. Masks are written, tool poses and joints are not",
            "show the tag while mapping, record with an IMU, or state a length: --set map.stated_extent=METRES (see sensors.md)"
        ),
        (
            "no_map",
            "localize",
            "the session's map could not be built; its reason stands with the mapping recording",
            "mend that first"
        ),
        (
            "no_poses",
            "localize",
            "with --poses: there is no file for this demo, or the session holds no trajectory of it",
            "name the file like the demo; the detail says where it was sought"
        ),
        (
            "poses",
            "localize",
            "the file of poses is not this recording's: more frames than the video has; times that do not meet the video's (another clock, another unit, another recording); all poses the same (a recorder without tracking); no pose at all",
            "the detail has both ranges: give the file that belongs to this recording, its times in seconds from the first frame"
        ),
        (
            "joints",
            "localize",
            "the file's joints are not as many as the arm's, or beyond all arms",
            "give the arm that was recorded: --arm"
        ),
        (
            "samples",
            "episodes",
            "a sensor's file beside the recording cannot be used; the line says where and why",
            "write it as sensors.md says"
        ),
        (
            "telemetry_span",
            "ingest",
            "the telemetry covers much more time than the pictures: the video was sped up or cut without it",
            "give the original recording"
        ),
        (
            "not_localized",
            "localize",
            "the demo was not recognised in the map: too little of what it shows was mapped, or it is too dark or blurred",
            "map from where demos look, in the same light; more texture about the table"
        ),
        (
            "finger_tags_hidden",
            "gripper_state",
            "a calibration video shows both finger tags in too few frames",
            "film it so that both tags stay in view; gripper_state.gripper.minimum_calibration_share"
        ),
        (
            "finger_tag_depth",
            "gripper, gripper_state",
            "finger tags are seen, and most of them are not at the distance that the device file states",
            "the detail says at which: set finger_tags.nominal_depth_m to it, or size_m where the tags were printed in another size"
        ),
        (
            "gripper_unknown",
            "gripper_state",
            "the device file states no finger_tags and the poses bring no width",
            "add finger_tags, or widths to the file of poses"
        ),
        (
            "no_base",
            "base",
            "nothing says where the arm stands, or no place lets it reach the demos",
            "--base, a station file, or see what place finds"
        ),
        (
            "no_device_mask",
            "device_mask",
            "no recording of the session shows enough of the rig to say where it is in the pictures",
            "the detail says what was missing; demos go on without"
        ),
        (
            "crashed",
            "any",
            "the program itself broke off while it worked on this recording; the others went on",
            "open an issue with the detail; the recording is the culprit"
        ),
        (
            "input_changed",
            "any",
            "a file of the session was changed while it was read",
            "run the same command again when it is whole"
        ),
        (
            "not_written",
            "export",
            "the episode was to be written and is not in every data set",
            "the detail says why; run the same command again"
        ),
        (
            "failed",
            "any",
            "a stage broke off; the detail is its own message",
            "read the detail; if it says nothing to you, open an issue with it"
        ),
        (
            "lost",
            "episodes",
            "no pose is known: the camera was covered, pointed away from what is mapped, moved too fast",
            "map more; light; slower turns"
        ),
        (
            "position_spike",
            "episodes",
            "the path jumps as no hand does and could not be mended",
            "usually poses from outside; gripper_state.spikes.…"
        ),
        (
            "uncertain",
            "episodes",
            "the position's standard deviation exceeds episodes.largest_sigma",
            "as lost; or raise the threshold"
        ),
        (
            "gripper_unknown",
            "episodes",
            "no finger tag was seen for longer than gripper_state.gripper.longest_gap_seconds",
            "keep a tag in view; clean it"
        ),
        (
            "idle",
            "episodes",
            "nothing moves for more than episodes.idle_seconds",
            "nothing: that is wanted"
        ),
        (
            "no_samples",
            "episodes",
            "a sensor's file beside the recording has no sample near these frames, or there is none where other demos have one",
            "record it whole; episodes.sample_distance; or take the files away. See sensors.md"
        ),
        (
            "too_short",
            "episodes, feasibility, curate",
            "what is left between cuts is shorter than episodes.minimum_seconds",
            "see what cut it; or lower the threshold"
        ),
        (
            "out_of_reach",
            "",
            "no joints bring the tool there, within feasibility.reach_position and reach_rotation",
            "move the foot (place, solve.base), or record nearer"
        ),
        (
            "path_jump",
            "",
            "the arm would have to change its posture at once",
            "move the foot; record with less turning of the wrist"
        ),
        (
            "tool_deviation",
            "",
            "the smooth motion would be too far from the recorded tool",
            "a jerky or noisy stretch: look at the path; feasibility.smoothing.…"
        ),
        (
            "self_collision",
            "",
            "two links of the arm would touch",
            "move the foot; allowed_collisions in the arm file where shapes are too full"
        ),
        (
            "table_collision",
            "",
            "a link would touch the table",
            "record a little higher; check the tool's place (camera_from_tool, flange_from_tool); may_touch_table"
        ),
        (
            "obstacle_collision",
            "",
            "a link would touch an obstacle of --obstacles",
            "move the obstacle or the foot"
        ),
        (
            "joint_position",
            "",
            "a joint leaves its range",
            "move the foot"
        ),
        (
            "singularity",
            "",
            "the arm stands where a joint would have to turn without end",
            "move the foot; a warning unless time cannot mend it"
        ),
        (
            "joint_velocity",
            "",
            "too fast, also at a fifth of the speed (or with feasibility.repair=none)",
            "record slower there; a stronger arm"
        ),
        (
            "joint_acceleration",
            "",
            "too fast, also at a fifth of the speed (or with feasibility.repair=none)",
            "record slower there; a stronger arm"
        ),
        (
            "joint_torque",
            "",
            "too fast, also at a fifth of the speed (or with feasibility.repair=none)",
            "record slower there; a stronger arm"
        ),
        (
            "joint_jerk",
            "",
            "the same for what changes within milliseconds",
            "the same; feasibility.assumed_limits_fail where the limit is only assumed"
        ),
        (
            "joint_torque_rate",
            "",
            "the same for what changes within milliseconds",
            "the same; feasibility.assumed_limits_fail where the limit is only assumed"
        ),
        (
            "not_kept",
            "",
            "the episode does not fit --keep",
            "the detail lists its measures"
        ),
        (
            "labelled_mistake",
            "",
            "a label says so",
            "nothing; --set curate.mistakes=weigh for a trainer that obeys weights"
        ),
        (
            "rotation_outside_chart",
            "",
            "with --rotation rotvec or quaternion: the tool turns farther from the data set's reference than export.rotation_limit, where numbers would jump",
            "--rotation rot6d, which has no such place; or a data set of its own for such demos"
        ),
        (
            "labelled_idle",
            "",
            "a label says so",
            "nothing"
        ),
        (
            "labelled_reject",
            "",
            "a label says reject: somebody looked at it and does not want it",
            "nothing; on the review page accept or undo takes it back"
        ),
        (
            "labelled_failure",
            "",
            "a label says that the task failed",
            "--set curate.drops_failures=false keeps such episodes"
        ),
        (
            "human_unresolved",
            "",
            "--privacy strict: more of the picture than curate.unresolved_share may be human and is not taken out, or nobody judged it",
            "look at the report's strip; draw a label (griptrace scribble), give masks (--masks), or raise the share"
        ),
        (
            "no_partner",
            "pair",
            "no other gripper recorded at the same time, by the files' clocks; the detail says how far they are apart",
            "set the cameras' clocks; --keep-single keeps the demo as one of one arm"
        ),
        (
            "partner_failed",
            "pair",
            "the other gripper's recording stopped; the detail says why",
            "mend that; or --keep-single"
        ),
        (
            "arm_collision",
            "join",
            "the two arms would touch, or come nearer than pair.station.clearance",
            "move the arms apart (griptrace station says by how much); or record the hands further from one another"
        ),
        (
            "one_sided",
            "pair",
            "the other gripper has nothing that is kept at that time",
            "see what cut the other side"
        ),
        (
            "no_frames",
            "",
            "a fixed camera's video shows no moment of an exported motion; the view alone is missing",
            "clock_offset_s of the camera file"
        ),
    ]
}
