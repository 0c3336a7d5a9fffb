// Made by `make option-docs` from the doc comments of the option structs; change those, not this.
// swift-format-ignore-file

extension OptionDocs {
    /// A line an option: its path, a tab, its unit, a tab, its meaning.
    static let text = #"""
        ingest.frame_rate	frames a second	The true frame rate where a file states a wrong one, frames a second: frame i is then put at i / rate. Default 0: the file is right.
        ingest.picture_width	pixels	Wider pictures are worked on at half their size or less, so that they are no wider than this, though no narrower than the data set's, pixels; default 1440: distances and noise in pixels are those of pictures of 480 to 960, and what is exported is smaller still. Tags' corners are measured at full size. 0: never.
        ingest.table_from_world	text	Where the world of poses from another recorder stands in the table's frame: x y z yaw_deg or x y z q_x q_y q_z q_w, metres; default empty: they are in the table's frame already.
        ingest.scale_tolerance	share, 0 to 1	Poses from another program are scaled where the recording's IMU says that their lengths are off by more than this, share of them; default 0.1: trackers are right to a few percent, paths without a scale to none.
        ingest.image_topic	text	The topic of the pictures in MCAP files and ROS 2 bags; default empty: the only one that is read, and where there are several they are listed.
        ingest.imu_topic	text	The topic of the IMU in MCAP files and ROS 2 bags, or two, GYROSCOPE,ACCELEROMETER; default empty: found by type and name.
        ingest.uses_inertial	true or false	Whether the recordings' gyroscope and accelerometer are used. Default true; without them poses come from pictures alone.
        ingest.checks_stabilisation	true or false	Whether picture motion is checked against the gyroscope, and footage stabilised in the camera refused. Default true.
        ingest.consistency.maximum_width	pixels	Pictures are made no wider than this before tracking, pixels; default 640: rotation needs no more, and it bounds the cost.
        ingest.consistency.maximum_rate	1/s	Frames are skipped down to about this rate, 1/s; default 30.
        ingest.consistency.sufficient_motion	seconds	check ends after so much footage that moves enough, seconds; default 12: stabilisation is set for a whole clip.
        ingest.consistency.early_motion	seconds	After so much footage that moves enough, and again after twice that, what was seen is looked at: where the pictures follow the gyroscope beyond doubt, check ends there, seconds; default 2: a stabiliser lets no shake pass for that long; 0: never. Only with known intrinsics.
        ingest.consistency.early_errors	number	Beyond doubt: minimumShakeGain is passed by so many standard errors of the gain; default 6.
        ingest.consistency.maximum_duration	seconds	check ends after so much footage in any case, seconds; default 90.
        ingest.consistency.moving_rate_degrees	degrees per second	Footage counts as moving from this rate on, degrees per second; default 5, ten times what tracking noise shows.
        ingest.consistency.track_count	whole number	Corners followed at once; default 240.
        ingest.consistency.flow_window	pixels	Side of the window that corners are followed with, pixels, odd; default 21: rotation is judged from few corners, which should hold.
        ingest.consistency.minimum_tracks	whole number	Least corners of a pair; default 20.
        ingest.consistency.minimum_inlier_share	share, 0 to 1	Least share of a pair's corners that agree on one motion; default 0.4: below, something else than the room fills the picture.
        ingest.consistency.inlier_threshold_degrees	degrees	Largest angle of an inlier to its epipolar plane, degrees; default 0.2, about one pixel at 300 px focal length.
        ingest.consistency.ransac_iterations	whole number	RANSAC samples a pair; default 50: 80 % sure with half outliers, 98 % with 40 %, and a miss is weighed down later.
        ingest.consistency.rigid_motion	pixels	A corner that stays within this while half the others move ten times as far is rigid with the camera (the gripper), pixels of the tracked picture; default 0.3.
        ingest.consistency.baselines	number	Frames (after skipping) between the two pictures of a pair; default 1, 4 and 12: about 33, 130 and 400 ms. The longer ones serve an estimate of the rotation alone (griptrace inspect --rotation).
        ingest.consistency.offset_range	seconds	Clock offsets searched on either side of the stated one, seconds; default 0.15.
        ingest.consistency.offset_step	seconds	Step of the coarse search, seconds; default 0.004: below a gyroscope's sample interval.
        ingest.consistency.maximum_gyroscope_gap	seconds	A hole in the gyroscope's samples longer than this is not bridged, seconds; default 0.05.
        ingest.consistency.slow_window	seconds	Slow turns (which a stabiliser lets pass) are taken out by the mean over this window, seconds; default 0.8.
        ingest.consistency.minimum_shake_gain	number	The gyroscope's shake that the pictures must show at least; default 0.6: no stabiliser leaves half, no honest clip loses a third.
        ingest.consistency.minimum_slow_gain	share, 0 to 1	A stabilised clip shows at least this share of the gyroscope's slow turns; default 0.5: of one that shows neither them nor the shake the axes may be wrong, which the reason says.
        ingest.consistency.minimum_slow_degrees	degrees per second	Slow turns below this root mean square tell nothing, degrees per second; default 2.
        ingest.consistency.minimum_pair_share	share, 0 to 1	Pairs of neighbouring frames that must be comparable for a clip to be called stabilised, share of them; default 0.5.
        ingest.consistency.minimum_shake_degrees	degrees per second	Shake below this root mean square cannot be judged, degrees per second; default 1.5.
        ingest.consistency.minimum_correlation	number	Least correlation of the two rates of turn below which the pair does not belong together; default 0.5.
        ingest.consistency.bias_sigma	rad/s	Expected gyroscope bias (1 σ), rad/s; default 0.01: consumer MEMS after factory calibration.
        ingest.consistency.picture_sigma_degrees	degrees	Error of a turn between two pictures (1 σ), degrees; default 0.1: a third of a pixel of 200 corners and an unmodelled lens.
        ingest.consistency.shortest_focal_length	number	Shortest focal length of the search for unknown intrinsics, in widths; default 0.2: the widest fisheyes.
        ingest.consistency.longest_focal_length	number	Longest focal length of the search, in widths; default 1.5 (37° across).
        ingest.consistency.sensors.frozen_span	seconds	Readings that repeat one value for longer than this are a frozen sensor's and are not used, seconds; default 0.25: the noise of a sensor that works changes its last digit from reading to reading.
        ingest.consistency.sensors.maximum_faulty_share	share, 0 to 1	A sensor that has more than this share of its readings frozen or at the end of its range is left out, otherwise those readings alone; default 0.02.
        ingest.consistency.sensors.saturated_readings	whole number	Neighbouring readings at an axis's largest value from which on it is the end of the range; default 4: a peak of a motion is sharper.
        ingest.consistency.sensors.reported_drop	share, 0 to 1	More missing readings than this share are reported; default 0.05. They are interpolated up to maximum_inertial_gap.
        ingest.consistency.sensors.clock_range	seconds	Clock offsets searched on either side of the stated one where it does not fit, seconds; default 0.6.
        ingest.consistency.sensors.clock_tolerance	seconds	How far the accelerometer's clock may be off the gyroscope's, seconds; default 0.06: what the batch finds by itself.
        ingest.consistency.sensors.gain_tolerance	number	How far a gain may be off 1; default 0.04: ten times what factories leave.
        ingest.consistency.sensors.minimum_agreement	share, 0 to 1	Share of a sensor's squared signal that the pictures must explain; default 0.5. Below, one of the two is wrong.
        ingest.consistency.sensors.minimum_samples	whole number	Pairs (or triples) of frames that such a comparison needs; default 12.
        ingest.consistency.sensors.minimum_turn_degrees	degrees	The pictures' turns between two frames need this root mean square for it, degrees; default 1: ten times their error.
        ingest.consistency.sensors.reported_noise	number	Noise is reported from so many times the stated density on; default 5: a hand's vibration makes up to that.
        ingest.consistency.rigid.span	seconds	Pictures are compared over this span, seconds; default 0.13: a hand moves the picture by several pixels.
        ingest.consistency.rigid.scene_motion	share, 0 to 1	The scene moves where a fifth of the picture's occupied regions moves by more than this over the span, share of the width; default 0.008 (5 pixels of 640).
        ingest.consistency.rigid.still_motion	share, 0 to 1	A point that moves less than this meanwhile stands still, share of the width; default 0.0012 (0.8 pixels of 640): tracking noise.
        ingest.consistency.rigid.cell	share, 0 to 1	Side of the cells that are judged, share of the width; default 0.025 (16 pixels of 640).
        ingest.consistency.rigid.minimum_sights	as the meaning says	Sights of points that a cell needs while the scene moves, and the share of them that stand still in a rigid one; defaults 12 and 0.7.
        ingest.consistency.rigid.still_share	as the meaning says	Sights of points that a cell needs while the scene moves, and the share of them that stand still in a rigid one; defaults 12 and 0.7.
        ingest.consistency.rigid.outline_share	share, 0 to 1	The same share for a cell beside a rigid one: its outline; default 0.35.
        ingest.consistency.rigid.track_reach	as the meaning says	A point is rigid that stays within this of where it began while the scene moves by so much, shares of the width; defaults 0.0025 (1.6 pixels of 640) and 0.1.
        ingest.consistency.rigid.track_scene_motion	as the meaning says	A point is rigid that stays within this of where it began while the scene moves by so much, shares of the width; defaults 0.0025 (1.6 pixels of 640) and 0.1.
        tags.smallest_window	pixels	Smallest window of the adaptive threshold, pixels, odd; default 3: for the 16 mm finger tags, about 25 px wide at 960×720.
        tags.largest_window	pixels	Largest window, pixels, odd; default 43: for the table tag from near.
        tags.window_step	pixels	Step between windows, pixels; default 10.
        tags.search_interval	seconds	Time between two searches of the whole picture in pictures that follow one another, seconds; default 0.2: a tag that comes into view is found that much later at most, while those in view are looked for where they were; 0: every picture is searched whole.
        tags.search_reach	number	How far about its last place a tag is looked for, in parts of its longest side, besides how far it last moved; default 1.
        tags.threshold_constant	grey levels	Subtracted from the local mean, grey levels; default 7.
        tags.minimum_perimeter	number	Shortest contour, in parts of the picture's larger side; default 0.02.
        tags.maximum_perimeter	number	Longest contour, in parts of the picture's larger side; default 4.
        tags.polygon_accuracy	number	Deviation of a contour from its quadrangle, in parts of its length; default 0.05: fisheye bends sides.
        tags.error_correction	share, 0 to 1	Share of the correctable bits that is corrected; default 0.6. Lower it against false detections.
        tags.refinement_window	pixels	Half side of the corner refinement's window, pixels; default 3; it never exceeds a tenth of the tag's side.
        tags.refinement_iterations	whole number	Iterations of the corner refinement; default 40.
        tags.refinement_accuracy	pixels	A step below this ends the refinement, pixels; default 0.01.
        tags.refines_by_sides	true or false	Take corners as crossings of the traced sides (parabolas: a fisheye bends them); default true: OpenCV's own refinement alone draws a square's corners inwards by a quarter of a pixel, half a percent of a 60 px tag and so of the scale.
        tags.detection_width	pixels	Wider pictures are searched at half their size (or less), their corners refined at full size, pixels; default 1440: the threshold's windows are made for pictures of about 960; 0: never.
        map.front_end.corners.columns	whole number	Cells across; default 16: with 12 rows, about 60 px a cell at 960×720.
        map.front_end.corners.rows	whole number	Cells down; default 12.
        map.front_end.corners.per_cell	whole number	Corners a cell holds at most, existing ones counted; default 3, about 570 in all.
        map.front_end.corners.block_size	pixels	Side of the window the corner measure is summed over, pixels; default 5.
        map.front_end.corners.minimum_distance	pixels	Corners are at least this far from each other and from existing ones, pixels; default 10.
        map.front_end.corners.minimum_score	number	Least corner measure (smaller eigenvalue; pixels scaled to 0...1, OpenCV's normalisation); default 1e-4: plain sky gives less.
        map.front_end.corners.relative_score	number	Least corner measure relative to the picture's best; default 0.005.
        map.front_end.corners.refines	true or false	Refine to sub-pixel; default true.
        map.front_end.flow.window	pixels	Side of the window, pixels, odd; default 21.
        map.front_end.flow.levels	whole number	Scales above the picture itself; default 3: motions up to about 80 px without a guess.
        map.front_end.flow.iterations	whole number	Iterations a scale; default 30.
        map.front_end.flow.epsilon	pixels	A step below this ends the iterations, pixels; default 0.01.
        map.front_end.flow.minimum_eigenvalue	number	Least eigenvalue of the window's gradient matrix over its area (OpenCV's normalisation); default 1e-4 drops plain surfaces.
        map.front_end.flow.maximum_round_trip	pixels	Longest distance after the way there and back, pixels; default 0.7; negative turns the check off and halves the cost.
        map.front_end.features.kind	one of orb, sift	Default ORB.
        map.front_end.features.maximum_count	whole number	The strongest are kept; default 1500.
        map.front_end.features.fast_threshold	grey levels	ORB: least contrast of the FAST circle, grey levels; default 12.
        map.front_end.features.scale_factor	number	ORB: step between scales; default 1.2.
        map.front_end.features.levels	whole number	ORB: scales; default 8.
        map.front_end.features.contrast_threshold	number	SIFT: least contrast of an extremum (OpenCV's unit); default 0.02, half of OpenCV's, for dim desks.
        map.front_end.feature_width	pixels	Corners and descriptors are looked for in pictures no wider than this, pixels; default 640: wider ones are halved first. Points are followed at full size.
        map.front_end.feature_interval	as the meaning says	A keyframe gets descriptors when the last ones are this old, seconds, or the camera has turned this far since, degrees, or when it was made before its time because the view changes fast; defaults 0.4 and 9.
        map.front_end.feature_rotation	as the meaning says	A keyframe gets descriptors when the last ones are this old, seconds, or the camera has turned this far since, degrees, or when it was made before its time because the view changes fast; defaults 0.4 and 9.
        map.front_end.keyframe_interval	seconds	A new keyframe after this long, seconds; default 0.25: the gyroscope's noise over it is far below a pixel.
        map.front_end.keyframe_survival	share, 0 to 1	A new keyframe when fewer than this share of the last one's points is still tracked; default 0.7.
        map.front_end.keyframe_rotation	degrees	A new keyframe when the camera has turned this far, degrees; default 10: patches are compared without rotation.
        map.front_end.tag_interval	whole number	Frames between two that hold the table tag besides keyframes, which always do where it is seen; default 0: none.
        map.front_end.dark_level	number	Grey level below which a region that touches the picture's border is taken for the outside of the image circle; default 10.
        map.front_end.light_tolerance	as the meaning says	Pictures are brought to one brightness when it differs by more than this share around at least so many points; defaults 0.04 (the flow compares grey levels), 30.
        map.front_end.light_points	as the meaning says	Pictures are brought to one brightness when it differs by more than this share around at least so many points; defaults 0.04 (the flow compares grey levels), 30.
        map.front_end.mask_margin	pixels	Points keep this distance from masks and the image circle, pixels; default 8: half a flow window.
        map.front_end.border_margin	pixels	Points keep this distance from the picture's border, pixels; default 8.
        map.front_end.full_width	pixels	In narrower pictures the distances above, the corners' distance and the flow's window shrink with the width, pixels; default 480.
        map.front_end.gyroscope_tolerance	as the meaning says	The gyroscope predicts where points go unless it was off by more than so many times what they moved (and so many pixels more), sums over the frames before, each fading by this factor a frame; of at least so many points that moved. Defaults 1.5, 30, 0.95 and 10.
        map.front_end.gyroscope_slack	as the meaning says	The gyroscope predicts where points go unless it was off by more than so many times what they moved (and so many pixels more), sums over the frames before, each fading by this factor a frame; of at least so many points that moved. Defaults 1.5, 30, 0.95 and 10.
        map.front_end.gyroscope_memory	as the meaning says	The gyroscope predicts where points go unless it was off by more than so many times what they moved (and so many pixels more), sums over the frames before, each fading by this factor a frame; of at least so many points that moved. Defaults 1.5, 30, 0.95 and 10.
        map.front_end.gyroscope_points	as the meaning says	The gyroscope predicts where points go unless it was off by more than so many times what they moved (and so many pixels more), sums over the frames before, each fading by this factor a frame; of at least so many points that moved. Defaults 1.5, 30, 0.95 and 10.
        map.front_end.device_motion	pixels	A point that should have moved this far by the gyroscope and by what a quarter of the others did, and has not, is on the device, pixels; default 20.
        map.front_end.device_stillness	pixels	... has not moved by more than this from where it began, pixels; default 1.5.
        map.front_end.minimum_tag_side	pixels	Smallest side of a usable table tag, pixels; default 14: below it corners are worse than half a pixel.
        map.batch.track_sigma	pixels	Standard deviation of a tracked point before it is estimated from the residuals, pixels; default 0.4.
        map.batch.feature_sigma	pixels	Of a descriptor's keypoint before it is estimated; default 0.7 pixels.
        map.batch.tag_sigma	pixels	Of a tag's corner before it is estimated; default 0.4 pixels.
        map.batch.loss_scale	standard deviations	Scale of the Cauchy loss, standard deviations; default 2.
        map.batch.rejection	standard deviations	Observations further off than this are dropped between rounds, standard deviations; default 4.
        map.batch.minimum_track_sigma	as the meaning says	Bounds of the estimated standard deviation of tracked points, pixels; default 0.08 to 1.5.
        map.batch.maximum_track_sigma	as the meaning says	Bounds of the estimated standard deviation of tracked points, pixels; default 0.08 to 1.5.
        map.batch.minimum_feature_sigma	as the meaning says	... of keypoints; default 0.2 to 1.5.
        map.batch.maximum_feature_sigma	as the meaning says	... of keypoints; default 0.2 to 1.5.
        map.batch.minimum_tag_sigma	as the meaning says	... of tag corners; default 0.1 to 1.5.
        map.batch.maximum_tag_sigma	as the meaning says	... of tag corners; default 0.1 to 1.5.
        map.batch.spread_samples	whole number	Residuals (two for each point) below which a standard deviation is not estimated; default 100.
        map.batch.minimum_parallax	degrees	Least angle between the rays that make a point, degrees; default 1.5.
        map.batch.maximum_depth	metres	Points further from the camera than this are not used, metres; default 30.
        map.batch.minimum_depth	metres	Points nearer to the camera than this are not used, metres; default 0.05.
        map.batch.minimum_points	whole number	Least number of points that hold a frame's pose; default 8.
        map.batch.minimum_inliers	whole number	Least number of inliers for a frame to count as tracked; default 10.
        map.batch.maximum_bridge	seconds	The longest span between two tracked frames that the IMU bridges, seconds; default 1: beyond it errors pass 10 mm (double integration).
        map.batch.maximum_inertial_gap	seconds	Longest pause between inertial samples that is integrated across, seconds; default 0.05.
        map.batch.gravity	m/s²	m/s²; default 9.81.
        map.batch.gyroscope_bias_sigma	as the meaning says	What is known of the biases beforehand, rad/s and m/s²; defaults 0.03 and 0.3.
        map.batch.accelerometer_bias_sigma	as the meaning says	What is known of the biases beforehand, rad/s and m/s²; defaults 0.03 and 0.3.
        map.batch.propagation_passes	as the meaning says	Propagation of poses from frame to frame: passes in both directions at most; the least share of a frame's points that must agree; how far the pose may be from the one expected (degrees, metres); how long the IMU carries on without points (seconds). Defaults 6, 0.2, 20, 0.3, 1.
        map.batch.propagation_share	as the meaning says	Propagation of poses from frame to frame: passes in both directions at most; the least share of a frame's points that must agree; how far the pose may be from the one expected (degrees, metres); how long the IMU carries on without points (seconds). Defaults 6, 0.2, 20, 0.3, 1.
        map.batch.propagation_angle_degrees	as the meaning says	Propagation of poses from frame to frame: passes in both directions at most; the least share of a frame's points that must agree; how far the pose may be from the one expected (degrees, metres); how long the IMU carries on without points (seconds). Defaults 6, 0.2, 20, 0.3, 1.
        map.batch.propagation_distance	as the meaning says	Propagation of poses from frame to frame: passes in both directions at most; the least share of a frame's points that must agree; how far the pose may be from the one expected (degrees, metres); how long the IMU carries on without points (seconds). Defaults 6, 0.2, 20, 0.3, 1.
        map.batch.propagation_bridge	as the meaning says	Propagation of poses from frame to frame: passes in both directions at most; the least share of a frame's points that must agree; how far the pose may be from the one expected (degrees, metres); how long the IMU carries on without points (seconds). Defaults 6, 0.2, 20, 0.3, 1.
        map.batch.propagation_gain	share, 0 to 1	Share of what the IMU's carrying missed a frame's place by, a frame's time on, that corrects its velocity; default 0.1: drift is followed over ten frames, the noise of single poses hardly.
        map.batch.carried_distance	metres	Frames between keyframes that end further than this from where the IMU carries the keyframe before were placed wrongly, metres; default 0.03: the IMU is good to millimetres over that time.
        map.batch.propagation_triangulation	whole number	Frames between two at which propagation makes new points, besides keyframes; default 4: a point is made of three views at least.
        map.batch.refinement_widening	number	The loss is so many times wider where a pose that was estimated from something else (a tag, a recognition) is refined; default 2.
        map.batch.tag_error	pixels	A pose from the table tag whose corners are off by more than this, root mean square, is not believed, pixels; default 3.
        map.batch.tag_ambiguity	number	The tag's other pose is as likely as the better one up to so many times its error (and a pixel more), and gravity decides; default 3.
        map.batch.minimum_up_cosine	as the meaning says	Poses found without the accelerometer that must have its mean point up for it to decide between others: the least cosine between its up and theirs, and how many poses a vote needs; half of them must agree. Defaults 0.7 (a hand's accelerations tilt it by up to 45 degrees) and 3.
        map.batch.up_votes	as the meaning says	Poses found without the accelerometer that must have its mean point up for it to decide between others: the least cosine between its up and theirs, and how many poses a vote needs; half of them must agree. Defaults 0.7 (a hand's accelerations tilt it by up to 45 degrees) and 3.
        map.batch.gravity_span	seconds	Span on either side of a frame over which specific forces are averaged to find up, seconds; default 0.5: a hand's accelerations cancel over it.
        map.batch.maximum_keyframes	as the meaning says	Of more keyframes than this, bundle adjustment takes one for each span of time, no longer than keyframeSpacing seconds; defaults 150 and 0.7: its cost grows with the cube of their number.
        map.batch.keyframe_spacing	as the meaning says	Of more keyframes than this, bundle adjustment takes one for each span of time, no longer than keyframeSpacing seconds; defaults 150 and 0.7: its cost grows with the cube of their number.
        map.batch.rounds	whole number	Rounds of solve, reject, triangulate again; default 3.
        map.batch.iterations	as the meaning says	Solver steps in a round at most, and the share of the cost below which a step ends it; defaults 20 and 1e-4.
        map.batch.tolerance	as the meaning says	Solver steps in a round at most, and the share of the cost below which a step ends it; defaults 20 and 1e-4.
        map.batch.smoother_iterations	whole number	Gauss-Newton steps of the smoother over all frames; default 8.
        map.batch.smoother_damping	as the meaning says	Its first damping, and the share of the cost below which a step ends it; defaults 1e-6 (it begins near the solution) and 1e-6.
        map.batch.smoother_tolerance	as the meaning says	Its first damping, and the share of the cost below which a step ends it; defaults 1e-6 (it begins near the solution) and 1e-6.
        map.batch.velocity_sigma	m/s	What is known of the first velocity of a span, 1 σ, m/s; default 10: no hand is faster, so that it only keeps the system regular.
        map.batch.known_bias	number	The biases before the smoother are known to this part of what is known of them beforehand; default 0.3.
        map.batch.motion_iterations	whole number	Without an IMU: Gauss-Newton steps of the smoother by motion alone; default 4.
        map.batch.search_radius	as the meaning says	Search radius when landmarks are looked for in other keyframes: first and later rounds, pixels; default 8 and 4.
        map.batch.refined_search_radius	as the meaning says	Search radius when landmarks are looked for in other keyframes: first and later rounds, pixels; default 8 and 4.
        map.batch.maximum_descriptor_distance	number	Largest L2 distance of two descriptors of one landmark; default 260 (a descriptor has length 512).
        map.batch.match_steps	as the meaning says	Matches between keyframes so many keyframes apart make landmarks; the nearest descriptor must be nearer than this share of the next one's distance; defaults 1, 2 and 4, and 0.8 (Lowe's).
        map.batch.match_ratio	as the meaning says	Matches between keyframes so many keyframes apart make landmarks; the nearest descriptor must be nearer than this share of the next one's distance; defaults 1, 2 and 4, and 0.8 (Lowe's).
        map.batch.match_tolerance	as the meaning says	A landmark's pixel errors at most: median of the two views that make it, of a view that joins it, median of all views at the end; defaults 1.5, 4 (poses are still rough) and 2.
        map.batch.join_tolerance	as the meaning says	A landmark's pixel errors at most: median of the two views that make it, of a view that joins it, median of all views at the end; defaults 1.5, 4 (poses are still rough) and 2.
        map.batch.point_tolerance	as the meaning says	A landmark's pixel errors at most: median of the two views that make it, of a view that joins it, median of all views at the end; defaults 1.5, 4 (poses are still rough) and 2.
        map.batch.search_scale_range	as the meaning says	A landmark is looked for from up to so many times its mean distance or as much nearer, and where the cosine between its direction and the view's is at least this; defaults 2 and 0.6: descriptors do not hold beyond.
        map.batch.search_view_cosine	as the meaning says	A landmark is looked for from up to so many times its mean distance or as much nearer, and where the cosine between its direction and the view's is at least this; defaults 2 and 0.6: descriptors do not hold beyond.
        map.batch.search_ratio	share, 0 to 1	... and its descriptor's squared distance must be below this share of the next one's; default 0.72.
        map.batch.seed_neighbours	as the meaning says	Anchors are compared with this many on either side, at most this far in time (seconds); defaults 6 and 3.
        map.batch.seed_span	as the meaning says	Anchors are compared with this many on either side, at most this far in time (seconds); defaults 6 and 3.
        map.batch.seed_angle	as the meaning says	... must agree with the gyroscope to this angle, degrees, and imply no more than this speed, m/s; defaults 4 and 4.
        map.batch.maximum_speed	as the meaning says	... must agree with the gyroscope to this angle, degrees, and imply no more than this speed, m/s; defaults 4 and 4.
        map.batch.seed_distance	metres	... to this distance, metres; default 0.05: what two tags' poses in neighbouring frames may differ by.
        map.batch.minimum_pair_tracks	whole number	Without a tag: points that a first pair of keyframes must share; default 40.
        map.batch.minimum_pair_parallax	degrees	... and the least median parallax between them, degrees; default 3.
        map.batch.useful_pair_parallax	degrees	... more of which does not make a pair better, degrees; default 10.
        map.batch.start_distance	metres	Until the scale is known, and where it never is, the first pair's points are taken to be so far away, metres; default 0.5. Any number does: lengths are then taken in proportion to usualDistance.
        map.batch.usual_distance	metres	... as if these points were so far away, metres; default 4.5: lengths for a hand's distance are too wide for a start (a real recording comes out half as well at 0.5).
        map.batch.pair_steps	number	Pairs are so many keyframes apart; default 2, 3, 4 and 6.
        map.batch.pair_threshold	as the meaning says	Their points agree to this angle, degrees, and at least this share of them; defaults 0.4 and 0.6. Their rotation is the gyroscope's to this angle, degrees; default 2.
        map.batch.pair_inlier_share	as the meaning says	Their points agree to this angle, degrees, and at least this share of them; defaults 0.4 and 0.6. Their rotation is the gyroscope's to this angle, degrees; default 2.
        map.batch.pair_angle	as the meaning says	Their points agree to this angle, degrees, and at least this share of them; defaults 0.4 and 0.6. Their rotation is the gyroscope's to this angle, degrees; default 2.
        map.batch.calibrates	true or false	Whether the batch refines what the device file says of clock, shutter, lens and the accelerometer's gain (it needs an IMU); default true.
        map.batch.clock_sigma	seconds	How far each is expected to be off, 1 σ. Clock offset after the search, seconds; default 0.02.
        map.batch.readout_sigma	share, 0 to 1	Readout time, share of it; default 0.1.
        map.batch.camera_turn_sigma_degrees	degrees	The camera's rotation in the IMU's frame, degrees; default 0.02: looser, small errors of tracks turn it by a tenth of a degree.
        map.batch.focal_length_sigma	share, 0 to 1	Focal length, share of it; default 0.001.
        map.batch.principal_point_sigma	number	Principal point, parts of the picture's width; default 0.0001: it trades against the camera's direction.
        map.batch.distortion_sigma	number	Each distortion number; default 0.0003.
        map.batch.accelerometer_gain_sigma	number	The accelerometer's gain, each axis; default 0.005: data sheets state 0.5 to 1 percent.
        map.batch.known_calibration	number	In a map that was refined already, corrections are expected to be this part of the above; default 0.3.
        map.batch.clock_search_step	as the meaning says	Search for the clock offset before the batch: frames between two pictures, pairs at most (0: no search), range on either side (seconds), share of the gyroscope's turns that the pictures must explain, and the difference below which the stated offset stays (seconds); defaults 4, 50, 0.1, 0.8 and 0.004.
        map.batch.clock_search_pairs	as the meaning says	Search for the clock offset before the batch: frames between two pictures, pairs at most (0: no search), range on either side (seconds), share of the gyroscope's turns that the pictures must explain, and the difference below which the stated offset stays (seconds); defaults 4, 50, 0.1, 0.8 and 0.004.
        map.batch.clock_search_range	as the meaning says	Search for the clock offset before the batch: frames between two pictures, pairs at most (0: no search), range on either side (seconds), share of the gyroscope's turns that the pictures must explain, and the difference below which the stated offset stays (seconds); defaults 4, 50, 0.1, 0.8 and 0.004.
        map.batch.clock_search_share	as the meaning says	Search for the clock offset before the batch: frames between two pictures, pairs at most (0: no search), range on either side (seconds), share of the gyroscope's turns that the pictures must explain, and the difference below which the stated offset stays (seconds); defaults 4, 50, 0.1, 0.8 and 0.004.
        map.batch.clock_tolerance	as the meaning says	Search for the clock offset before the batch: frames between two pictures, pairs at most (0: no search), range on either side (seconds), share of the gyroscope's turns that the pictures must explain, and the difference below which the stated offset stays (seconds); defaults 4, 50, 0.1, 0.8 and 0.004.
        map.batch.maximum_noise_gain	as the meaning says	The IMU's noise is widened, up to so many times, where it does not fit the pictures over this span (seconds) by more than so many times the variance that pictures alone explain; defaults 50 (1: never), 0.25, 4.
        map.batch.noise_span	as the meaning says	The IMU's noise is widened, up to so many times, where it does not fit the pictures over this span (seconds) by more than so many times the variance that pictures alone explain; defaults 50 (1: never), 0.25, 4.
        map.batch.vision_margin	as the meaning says	The IMU's noise is widened, up to so many times, where it does not fit the pictures over this span (seconds) by more than so many times the variance that pictures alone explain; defaults 50 (1: never), 0.25, 4.
        map.batch.sensors.frozen_span	seconds	Readings that repeat one value for longer than this are a frozen sensor's and are not used, seconds; default 0.25: the noise of a sensor that works changes its last digit from reading to reading.
        map.batch.sensors.maximum_faulty_share	share, 0 to 1	A sensor that has more than this share of its readings frozen or at the end of its range is left out, otherwise those readings alone; default 0.02.
        map.batch.sensors.saturated_readings	whole number	Neighbouring readings at an axis's largest value from which on it is the end of the range; default 4: a peak of a motion is sharper.
        map.batch.sensors.reported_drop	share, 0 to 1	More missing readings than this share are reported; default 0.05. They are interpolated up to maximum_inertial_gap.
        map.batch.sensors.clock_range	seconds	Clock offsets searched on either side of the stated one where it does not fit, seconds; default 0.6.
        map.batch.sensors.clock_tolerance	seconds	How far the accelerometer's clock may be off the gyroscope's, seconds; default 0.06: what the batch finds by itself.
        map.batch.sensors.gain_tolerance	number	How far a gain may be off 1; default 0.04: ten times what factories leave.
        map.batch.sensors.minimum_agreement	share, 0 to 1	Share of a sensor's squared signal that the pictures must explain; default 0.5. Below, one of the two is wrong.
        map.batch.sensors.minimum_samples	whole number	Pairs (or triples) of frames that such a comparison needs; default 12.
        map.batch.sensors.minimum_turn_degrees	degrees	The pictures' turns between two frames need this root mean square for it, degrees; default 1: ten times their error.
        map.batch.sensors.reported_noise	number	Noise is reported from so many times the stated density on; default 5: a hand's vibration makes up to that.
        map.batch.rigid.span	seconds	Pictures are compared over this span, seconds; default 0.13: a hand moves the picture by several pixels.
        map.batch.rigid.scene_motion	share, 0 to 1	The scene moves where a fifth of the picture's occupied regions moves by more than this over the span, share of the width; default 0.008 (5 pixels of 640).
        map.batch.rigid.still_motion	share, 0 to 1	A point that moves less than this meanwhile stands still, share of the width; default 0.0012 (0.8 pixels of 640): tracking noise.
        map.batch.rigid.cell	share, 0 to 1	Side of the cells that are judged, share of the width; default 0.025 (16 pixels of 640).
        map.batch.rigid.minimum_sights	as the meaning says	Sights of points that a cell needs while the scene moves, and the share of them that stand still in a rigid one; defaults 12 and 0.7.
        map.batch.rigid.still_share	as the meaning says	Sights of points that a cell needs while the scene moves, and the share of them that stand still in a rigid one; defaults 12 and 0.7.
        map.batch.rigid.outline_share	share, 0 to 1	The same share for a cell beside a rigid one: its outline; default 0.35.
        map.batch.rigid.track_reach	as the meaning says	A point is rigid that stays within this of where it began while the scene moves by so much, shares of the width; defaults 0.0025 (1.6 pixels of 640) and 0.1.
        map.batch.rigid.track_scene_motion	as the meaning says	A point is rigid that stays within this of where it began while the scene moves by so much, shares of the width; defaults 0.0025 (1.6 pixels of 640) and 0.1.
        map.batch.motion_span	whole number	Without an IMU: frames over which a recording's own accelerations are measured, for the motion model of its smoother; default 6.
        map.batch.maximum_scale_sigma	number	Largest relative standard deviation of the scale from the IMU at which lengths count as metres; default 0.05.
        map.batch.systematic_position	as the meaning says	What the map's own deformation and the lens add to every pose's standard deviation, on each axis, in pixels: of the position at the distance of the points (near ones count for more), and of the rotation; defaults 0.04 and 0.047, chosen on the sessions of two simulators.
        map.batch.systematic_rotation	as the meaning says	What the map's own deformation and the lens add to every pose's standard deviation, on each axis, in pixels: of the position at the distance of the points (near ones count for more), and of the rotation; defaults 0.04 and 0.047, chosen on the sessions of two simulators.
        map.batch.systematic_clock	seconds	How far the estimated clock is off at least, 1 σ, seconds: it moves every pose along its own motion; default 0.0002, measured on our own simulated sessions. What pictures and IMU disagree by on the clock comes on top.
        map.batch.structural_columns	as the meaning says	Errors that points share are found by leaving regions of the picture out, so many columns and rows of them, in about so many frames; defaults 4, 3 and 120.
        map.batch.structural_rows	as the meaning says	Errors that points share are found by leaving regions of the picture out, so many columns and rows of them, in about so many frames; defaults 4, 3 and 120.
        map.batch.structural_frames	as the meaning says	Errors that points share are found by leaving regions of the picture out, so many columns and rows of them, in about so many frames; defaults 4, 3 and 120.
        map.batch.structural_inflation	number	... and their variance is taken for so many times what is found; default 2: what whole regions of the picture share is not seen so.
        map.batch.correlation_tracks	as the meaning says	Errors of one followed point in frames after one another are not independent: covariances are multiplied by what the recording's own residuals say of that, of about so many tracks, over so many seconds, as far as their correlation is above a floor; defaults 4000, 1 and 0.05 (below it is chance).
        map.batch.correlation_span	as the meaning says	Errors of one followed point in frames after one another are not independent: covariances are multiplied by what the recording's own residuals say of that, of about so many tracks, over so many seconds, as far as their correlation is above a floor; defaults 4000, 1 and 0.05 (below it is chance).
        map.batch.correlation_floor	as the meaning says	Errors of one followed point in frames after one another are not independent: covariances are multiplied by what the recording's own residuals say of that, of about so many tracks, over so many seconds, as far as their correlation is above a floor; defaults 4000, 1 and 0.05 (below it is chance).
        map.batch.covariance_inflation	number	... and by this at least; default 1.
        map.descriptors_per_landmark	whole number	Descriptors kept for each landmark; default 4.
        map.recognition.minimum_inliers	whole number	Landmark matches that agree with one pose for a frame to be recognised; default 15.
        map.recognition.threshold	degrees	Largest angle between a match and its landmark, degrees; default 0.8: 2 px at a focal length of 141 px.
        map.recognition.ratio	as the meaning says	The nearest landmark's descriptor must be nearer than this share of the next one's distance, and than so many times maximumDescriptorDistance; defaults 0.85 and 1.2: RANSAC sorts out what a loose match lets in.
        map.recognition.distance_factor	as the meaning says	The nearest landmark's descriptor must be nearer than this share of the next one's distance, and than so many times maximumDescriptorDistance; defaults 0.85 and 1.2: RANSAC sorts out what a loose match lets in.
        map.recognition.interval	whole number	Of the keyframes with descriptors one in so many is tried; default 2, in a mapping video 1.
        map.minimum_keyframes	whole number	Keyframes of the mapping video below which there is no map; default 5.
        map.minimum_landmarks	whole number	Landmarks below which there is no map; default 50.
        map.stated_extent	metres	The largest distance between two places of the camera in the mapping recording, metres, where neither the table tag nor an IMU gives the scale; default 0: not stated.
        map.unscaled_distance	metres	A map whose scale nothing says is made so large that the points it began with are about so far away, metres; default 0.5: a hand's distance, for which what other stages state in metres is made.
        map.surface.thickness	metres	Landmarks in a layer so thick are on one surface, metres; default 0.02.
        map.surface.draws	whole number	Planes tried where it is not known which way is up; default 300.
        localize.front_end.corners.columns	whole number	Cells across; default 16: with 12 rows, about 60 px a cell at 960×720.
        localize.front_end.corners.rows	whole number	Cells down; default 12.
        localize.front_end.corners.per_cell	whole number	Corners a cell holds at most, existing ones counted; default 3, about 570 in all.
        localize.front_end.corners.block_size	pixels	Side of the window the corner measure is summed over, pixels; default 5.
        localize.front_end.corners.minimum_distance	pixels	Corners are at least this far from each other and from existing ones, pixels; default 10.
        localize.front_end.corners.minimum_score	number	Least corner measure (smaller eigenvalue; pixels scaled to 0...1, OpenCV's normalisation); default 1e-4: plain sky gives less.
        localize.front_end.corners.relative_score	number	Least corner measure relative to the picture's best; default 0.005.
        localize.front_end.corners.refines	true or false	Refine to sub-pixel; default true.
        localize.front_end.flow.window	pixels	Side of the window, pixels, odd; default 21.
        localize.front_end.flow.levels	whole number	Scales above the picture itself; default 3: motions up to about 80 px without a guess.
        localize.front_end.flow.iterations	whole number	Iterations a scale; default 30.
        localize.front_end.flow.epsilon	pixels	A step below this ends the iterations, pixels; default 0.01.
        localize.front_end.flow.minimum_eigenvalue	number	Least eigenvalue of the window's gradient matrix over its area (OpenCV's normalisation); default 1e-4 drops plain surfaces.
        localize.front_end.flow.maximum_round_trip	pixels	Longest distance after the way there and back, pixels; default 0.7; negative turns the check off and halves the cost.
        localize.front_end.features.kind	one of orb, sift	Default ORB.
        localize.front_end.features.maximum_count	whole number	The strongest are kept; default 1500.
        localize.front_end.features.fast_threshold	grey levels	ORB: least contrast of the FAST circle, grey levels; default 12.
        localize.front_end.features.scale_factor	number	ORB: step between scales; default 1.2.
        localize.front_end.features.levels	whole number	ORB: scales; default 8.
        localize.front_end.features.contrast_threshold	number	SIFT: least contrast of an extremum (OpenCV's unit); default 0.02, half of OpenCV's, for dim desks.
        localize.front_end.feature_width	pixels	Corners and descriptors are looked for in pictures no wider than this, pixels; default 640: wider ones are halved first. Points are followed at full size.
        localize.front_end.feature_interval	as the meaning says	A keyframe gets descriptors when the last ones are this old, seconds, or the camera has turned this far since, degrees, or when it was made before its time because the view changes fast; defaults 0.4 and 9.
        localize.front_end.feature_rotation	as the meaning says	A keyframe gets descriptors when the last ones are this old, seconds, or the camera has turned this far since, degrees, or when it was made before its time because the view changes fast; defaults 0.4 and 9.
        localize.front_end.keyframe_interval	seconds	A new keyframe after this long, seconds; default 0.25: the gyroscope's noise over it is far below a pixel.
        localize.front_end.keyframe_survival	share, 0 to 1	A new keyframe when fewer than this share of the last one's points is still tracked; default 0.7.
        localize.front_end.keyframe_rotation	degrees	A new keyframe when the camera has turned this far, degrees; default 10: patches are compared without rotation.
        localize.front_end.tag_interval	whole number	Frames between two that hold the table tag besides keyframes, which always do where it is seen; default 0: none.
        localize.front_end.dark_level	number	Grey level below which a region that touches the picture's border is taken for the outside of the image circle; default 10.
        localize.front_end.light_tolerance	as the meaning says	Pictures are brought to one brightness when it differs by more than this share around at least so many points; defaults 0.04 (the flow compares grey levels), 30.
        localize.front_end.light_points	as the meaning says	Pictures are brought to one brightness when it differs by more than this share around at least so many points; defaults 0.04 (the flow compares grey levels), 30.
        localize.front_end.mask_margin	pixels	Points keep this distance from masks and the image circle, pixels; default 8: half a flow window.
        localize.front_end.border_margin	pixels	Points keep this distance from the picture's border, pixels; default 8.
        localize.front_end.full_width	pixels	In narrower pictures the distances above, the corners' distance and the flow's window shrink with the width, pixels; default 480.
        localize.front_end.gyroscope_tolerance	as the meaning says	The gyroscope predicts where points go unless it was off by more than so many times what they moved (and so many pixels more), sums over the frames before, each fading by this factor a frame; of at least so many points that moved. Defaults 1.5, 30, 0.95 and 10.
        localize.front_end.gyroscope_slack	as the meaning says	The gyroscope predicts where points go unless it was off by more than so many times what they moved (and so many pixels more), sums over the frames before, each fading by this factor a frame; of at least so many points that moved. Defaults 1.5, 30, 0.95 and 10.
        localize.front_end.gyroscope_memory	as the meaning says	The gyroscope predicts where points go unless it was off by more than so many times what they moved (and so many pixels more), sums over the frames before, each fading by this factor a frame; of at least so many points that moved. Defaults 1.5, 30, 0.95 and 10.
        localize.front_end.gyroscope_points	as the meaning says	The gyroscope predicts where points go unless it was off by more than so many times what they moved (and so many pixels more), sums over the frames before, each fading by this factor a frame; of at least so many points that moved. Defaults 1.5, 30, 0.95 and 10.
        localize.front_end.device_motion	pixels	A point that should have moved this far by the gyroscope and by what a quarter of the others did, and has not, is on the device, pixels; default 20.
        localize.front_end.device_stillness	pixels	... has not moved by more than this from where it began, pixels; default 1.5.
        localize.front_end.minimum_tag_side	pixels	Smallest side of a usable table tag, pixels; default 14: below it corners are worse than half a pixel.
        localize.batch.track_sigma	pixels	Standard deviation of a tracked point before it is estimated from the residuals, pixels; default 0.4.
        localize.batch.feature_sigma	pixels	Of a descriptor's keypoint before it is estimated; default 0.7 pixels.
        localize.batch.tag_sigma	pixels	Of a tag's corner before it is estimated; default 0.4 pixels.
        localize.batch.loss_scale	standard deviations	Scale of the Cauchy loss, standard deviations; default 2.
        localize.batch.rejection	standard deviations	Observations further off than this are dropped between rounds, standard deviations; default 4.
        localize.batch.minimum_track_sigma	as the meaning says	Bounds of the estimated standard deviation of tracked points, pixels; default 0.08 to 1.5.
        localize.batch.maximum_track_sigma	as the meaning says	Bounds of the estimated standard deviation of tracked points, pixels; default 0.08 to 1.5.
        localize.batch.minimum_feature_sigma	as the meaning says	... of keypoints; default 0.2 to 1.5.
        localize.batch.maximum_feature_sigma	as the meaning says	... of keypoints; default 0.2 to 1.5.
        localize.batch.minimum_tag_sigma	as the meaning says	... of tag corners; default 0.1 to 1.5.
        localize.batch.maximum_tag_sigma	as the meaning says	... of tag corners; default 0.1 to 1.5.
        localize.batch.spread_samples	whole number	Residuals (two for each point) below which a standard deviation is not estimated; default 100.
        localize.batch.minimum_parallax	degrees	Least angle between the rays that make a point, degrees; default 1.5.
        localize.batch.maximum_depth	metres	Points further from the camera than this are not used, metres; default 30.
        localize.batch.minimum_depth	metres	Points nearer to the camera than this are not used, metres; default 0.05.
        localize.batch.minimum_points	whole number	Least number of points that hold a frame's pose; default 8.
        localize.batch.minimum_inliers	whole number	Least number of inliers for a frame to count as tracked; default 10.
        localize.batch.maximum_bridge	seconds	The longest span between two tracked frames that the IMU bridges, seconds; default 1: beyond it errors pass 10 mm (double integration).
        localize.batch.maximum_inertial_gap	seconds	Longest pause between inertial samples that is integrated across, seconds; default 0.05.
        localize.batch.gravity	m/s²	m/s²; default 9.81.
        localize.batch.gyroscope_bias_sigma	as the meaning says	What is known of the biases beforehand, rad/s and m/s²; defaults 0.03 and 0.3.
        localize.batch.accelerometer_bias_sigma	as the meaning says	What is known of the biases beforehand, rad/s and m/s²; defaults 0.03 and 0.3.
        localize.batch.propagation_passes	as the meaning says	Propagation of poses from frame to frame: passes in both directions at most; the least share of a frame's points that must agree; how far the pose may be from the one expected (degrees, metres); how long the IMU carries on without points (seconds). Defaults 6, 0.2, 20, 0.3, 1.
        localize.batch.propagation_share	as the meaning says	Propagation of poses from frame to frame: passes in both directions at most; the least share of a frame's points that must agree; how far the pose may be from the one expected (degrees, metres); how long the IMU carries on without points (seconds). Defaults 6, 0.2, 20, 0.3, 1.
        localize.batch.propagation_angle_degrees	as the meaning says	Propagation of poses from frame to frame: passes in both directions at most; the least share of a frame's points that must agree; how far the pose may be from the one expected (degrees, metres); how long the IMU carries on without points (seconds). Defaults 6, 0.2, 20, 0.3, 1.
        localize.batch.propagation_distance	as the meaning says	Propagation of poses from frame to frame: passes in both directions at most; the least share of a frame's points that must agree; how far the pose may be from the one expected (degrees, metres); how long the IMU carries on without points (seconds). Defaults 6, 0.2, 20, 0.3, 1.
        localize.batch.propagation_bridge	as the meaning says	Propagation of poses from frame to frame: passes in both directions at most; the least share of a frame's points that must agree; how far the pose may be from the one expected (degrees, metres); how long the IMU carries on without points (seconds). Defaults 6, 0.2, 20, 0.3, 1.
        localize.batch.propagation_gain	share, 0 to 1	Share of what the IMU's carrying missed a frame's place by, a frame's time on, that corrects its velocity; default 0.1: drift is followed over ten frames, the noise of single poses hardly.
        localize.batch.carried_distance	metres	Frames between keyframes that end further than this from where the IMU carries the keyframe before were placed wrongly, metres; default 0.03: the IMU is good to millimetres over that time.
        localize.batch.propagation_triangulation	whole number	Frames between two at which propagation makes new points, besides keyframes; default 4: a point is made of three views at least.
        localize.batch.refinement_widening	number	The loss is so many times wider where a pose that was estimated from something else (a tag, a recognition) is refined; default 2.
        localize.batch.tag_error	pixels	A pose from the table tag whose corners are off by more than this, root mean square, is not believed, pixels; default 3.
        localize.batch.tag_ambiguity	number	The tag's other pose is as likely as the better one up to so many times its error (and a pixel more), and gravity decides; default 3.
        localize.batch.minimum_up_cosine	as the meaning says	Poses found without the accelerometer that must have its mean point up for it to decide between others: the least cosine between its up and theirs, and how many poses a vote needs; half of them must agree. Defaults 0.7 (a hand's accelerations tilt it by up to 45 degrees) and 3.
        localize.batch.up_votes	as the meaning says	Poses found without the accelerometer that must have its mean point up for it to decide between others: the least cosine between its up and theirs, and how many poses a vote needs; half of them must agree. Defaults 0.7 (a hand's accelerations tilt it by up to 45 degrees) and 3.
        localize.batch.gravity_span	seconds	Span on either side of a frame over which specific forces are averaged to find up, seconds; default 0.5: a hand's accelerations cancel over it.
        localize.batch.maximum_keyframes	as the meaning says	Of more keyframes than this, bundle adjustment takes one for each span of time, no longer than keyframeSpacing seconds; defaults 150 and 0.7: its cost grows with the cube of their number.
        localize.batch.keyframe_spacing	as the meaning says	Of more keyframes than this, bundle adjustment takes one for each span of time, no longer than keyframeSpacing seconds; defaults 150 and 0.7: its cost grows with the cube of their number.
        localize.batch.rounds	whole number	Rounds of solve, reject, triangulate again; default 3.
        localize.batch.iterations	as the meaning says	Solver steps in a round at most, and the share of the cost below which a step ends it; defaults 20 and 1e-4.
        localize.batch.tolerance	as the meaning says	Solver steps in a round at most, and the share of the cost below which a step ends it; defaults 20 and 1e-4.
        localize.batch.smoother_iterations	whole number	Gauss-Newton steps of the smoother over all frames; default 8.
        localize.batch.smoother_damping	as the meaning says	Its first damping, and the share of the cost below which a step ends it; defaults 1e-6 (it begins near the solution) and 1e-6.
        localize.batch.smoother_tolerance	as the meaning says	Its first damping, and the share of the cost below which a step ends it; defaults 1e-6 (it begins near the solution) and 1e-6.
        localize.batch.velocity_sigma	m/s	What is known of the first velocity of a span, 1 σ, m/s; default 10: no hand is faster, so that it only keeps the system regular.
        localize.batch.known_bias	number	The biases before the smoother are known to this part of what is known of them beforehand; default 0.3.
        localize.batch.motion_iterations	whole number	Without an IMU: Gauss-Newton steps of the smoother by motion alone; default 4.
        localize.batch.search_radius	as the meaning says	Search radius when landmarks are looked for in other keyframes: first and later rounds, pixels; default 8 and 4.
        localize.batch.refined_search_radius	as the meaning says	Search radius when landmarks are looked for in other keyframes: first and later rounds, pixels; default 8 and 4.
        localize.batch.maximum_descriptor_distance	number	Largest L2 distance of two descriptors of one landmark; default 260 (a descriptor has length 512).
        localize.batch.match_steps	as the meaning says	Matches between keyframes so many keyframes apart make landmarks; the nearest descriptor must be nearer than this share of the next one's distance; defaults 1, 2 and 4, and 0.8 (Lowe's).
        localize.batch.match_ratio	as the meaning says	Matches between keyframes so many keyframes apart make landmarks; the nearest descriptor must be nearer than this share of the next one's distance; defaults 1, 2 and 4, and 0.8 (Lowe's).
        localize.batch.match_tolerance	as the meaning says	A landmark's pixel errors at most: median of the two views that make it, of a view that joins it, median of all views at the end; defaults 1.5, 4 (poses are still rough) and 2.
        localize.batch.join_tolerance	as the meaning says	A landmark's pixel errors at most: median of the two views that make it, of a view that joins it, median of all views at the end; defaults 1.5, 4 (poses are still rough) and 2.
        localize.batch.point_tolerance	as the meaning says	A landmark's pixel errors at most: median of the two views that make it, of a view that joins it, median of all views at the end; defaults 1.5, 4 (poses are still rough) and 2.
        localize.batch.search_scale_range	as the meaning says	A landmark is looked for from up to so many times its mean distance or as much nearer, and where the cosine between its direction and the view's is at least this; defaults 2 and 0.6: descriptors do not hold beyond.
        localize.batch.search_view_cosine	as the meaning says	A landmark is looked for from up to so many times its mean distance or as much nearer, and where the cosine between its direction and the view's is at least this; defaults 2 and 0.6: descriptors do not hold beyond.
        localize.batch.search_ratio	share, 0 to 1	... and its descriptor's squared distance must be below this share of the next one's; default 0.72.
        localize.batch.seed_neighbours	as the meaning says	Anchors are compared with this many on either side, at most this far in time (seconds); defaults 6 and 3.
        localize.batch.seed_span	as the meaning says	Anchors are compared with this many on either side, at most this far in time (seconds); defaults 6 and 3.
        localize.batch.seed_angle	as the meaning says	... must agree with the gyroscope to this angle, degrees, and imply no more than this speed, m/s; defaults 4 and 4.
        localize.batch.maximum_speed	as the meaning says	... must agree with the gyroscope to this angle, degrees, and imply no more than this speed, m/s; defaults 4 and 4.
        localize.batch.seed_distance	metres	... to this distance, metres; default 0.05: what two tags' poses in neighbouring frames may differ by.
        localize.batch.minimum_pair_tracks	whole number	Without a tag: points that a first pair of keyframes must share; default 40.
        localize.batch.minimum_pair_parallax	degrees	... and the least median parallax between them, degrees; default 3.
        localize.batch.useful_pair_parallax	degrees	... more of which does not make a pair better, degrees; default 10.
        localize.batch.start_distance	metres	Until the scale is known, and where it never is, the first pair's points are taken to be so far away, metres; default 0.5. Any number does: lengths are then taken in proportion to usualDistance.
        localize.batch.usual_distance	metres	... as if these points were so far away, metres; default 4.5: lengths for a hand's distance are too wide for a start (a real recording comes out half as well at 0.5).
        localize.batch.pair_steps	number	Pairs are so many keyframes apart; default 2, 3, 4 and 6.
        localize.batch.pair_threshold	as the meaning says	Their points agree to this angle, degrees, and at least this share of them; defaults 0.4 and 0.6. Their rotation is the gyroscope's to this angle, degrees; default 2.
        localize.batch.pair_inlier_share	as the meaning says	Their points agree to this angle, degrees, and at least this share of them; defaults 0.4 and 0.6. Their rotation is the gyroscope's to this angle, degrees; default 2.
        localize.batch.pair_angle	as the meaning says	Their points agree to this angle, degrees, and at least this share of them; defaults 0.4 and 0.6. Their rotation is the gyroscope's to this angle, degrees; default 2.
        localize.batch.calibrates	true or false	Whether the batch refines what the device file says of clock, shutter, lens and the accelerometer's gain (it needs an IMU); default true.
        localize.batch.clock_sigma	seconds	How far each is expected to be off, 1 σ. Clock offset after the search, seconds; default 0.02.
        localize.batch.readout_sigma	share, 0 to 1	Readout time, share of it; default 0.1.
        localize.batch.camera_turn_sigma_degrees	degrees	The camera's rotation in the IMU's frame, degrees; default 0.02: looser, small errors of tracks turn it by a tenth of a degree.
        localize.batch.focal_length_sigma	share, 0 to 1	Focal length, share of it; default 0.001.
        localize.batch.principal_point_sigma	number	Principal point, parts of the picture's width; default 0.0001: it trades against the camera's direction.
        localize.batch.distortion_sigma	number	Each distortion number; default 0.0003.
        localize.batch.accelerometer_gain_sigma	number	The accelerometer's gain, each axis; default 0.005: data sheets state 0.5 to 1 percent.
        localize.batch.known_calibration	number	In a map that was refined already, corrections are expected to be this part of the above; default 0.3.
        localize.batch.clock_search_step	as the meaning says	Search for the clock offset before the batch: frames between two pictures, pairs at most (0: no search), range on either side (seconds), share of the gyroscope's turns that the pictures must explain, and the difference below which the stated offset stays (seconds); defaults 4, 50, 0.1, 0.8 and 0.004.
        localize.batch.clock_search_pairs	as the meaning says	Search for the clock offset before the batch: frames between two pictures, pairs at most (0: no search), range on either side (seconds), share of the gyroscope's turns that the pictures must explain, and the difference below which the stated offset stays (seconds); defaults 4, 50, 0.1, 0.8 and 0.004.
        localize.batch.clock_search_range	as the meaning says	Search for the clock offset before the batch: frames between two pictures, pairs at most (0: no search), range on either side (seconds), share of the gyroscope's turns that the pictures must explain, and the difference below which the stated offset stays (seconds); defaults 4, 50, 0.1, 0.8 and 0.004.
        localize.batch.clock_search_share	as the meaning says	Search for the clock offset before the batch: frames between two pictures, pairs at most (0: no search), range on either side (seconds), share of the gyroscope's turns that the pictures must explain, and the difference below which the stated offset stays (seconds); defaults 4, 50, 0.1, 0.8 and 0.004.
        localize.batch.clock_tolerance	as the meaning says	Search for the clock offset before the batch: frames between two pictures, pairs at most (0: no search), range on either side (seconds), share of the gyroscope's turns that the pictures must explain, and the difference below which the stated offset stays (seconds); defaults 4, 50, 0.1, 0.8 and 0.004.
        localize.batch.maximum_noise_gain	as the meaning says	The IMU's noise is widened, up to so many times, where it does not fit the pictures over this span (seconds) by more than so many times the variance that pictures alone explain; defaults 50 (1: never), 0.25, 4.
        localize.batch.noise_span	as the meaning says	The IMU's noise is widened, up to so many times, where it does not fit the pictures over this span (seconds) by more than so many times the variance that pictures alone explain; defaults 50 (1: never), 0.25, 4.
        localize.batch.vision_margin	as the meaning says	The IMU's noise is widened, up to so many times, where it does not fit the pictures over this span (seconds) by more than so many times the variance that pictures alone explain; defaults 50 (1: never), 0.25, 4.
        localize.batch.sensors.frozen_span	seconds	Readings that repeat one value for longer than this are a frozen sensor's and are not used, seconds; default 0.25: the noise of a sensor that works changes its last digit from reading to reading.
        localize.batch.sensors.maximum_faulty_share	share, 0 to 1	A sensor that has more than this share of its readings frozen or at the end of its range is left out, otherwise those readings alone; default 0.02.
        localize.batch.sensors.saturated_readings	whole number	Neighbouring readings at an axis's largest value from which on it is the end of the range; default 4: a peak of a motion is sharper.
        localize.batch.sensors.reported_drop	share, 0 to 1	More missing readings than this share are reported; default 0.05. They are interpolated up to maximum_inertial_gap.
        localize.batch.sensors.clock_range	seconds	Clock offsets searched on either side of the stated one where it does not fit, seconds; default 0.6.
        localize.batch.sensors.clock_tolerance	seconds	How far the accelerometer's clock may be off the gyroscope's, seconds; default 0.06: what the batch finds by itself.
        localize.batch.sensors.gain_tolerance	number	How far a gain may be off 1; default 0.04: ten times what factories leave.
        localize.batch.sensors.minimum_agreement	share, 0 to 1	Share of a sensor's squared signal that the pictures must explain; default 0.5. Below, one of the two is wrong.
        localize.batch.sensors.minimum_samples	whole number	Pairs (or triples) of frames that such a comparison needs; default 12.
        localize.batch.sensors.minimum_turn_degrees	degrees	The pictures' turns between two frames need this root mean square for it, degrees; default 1: ten times their error.
        localize.batch.sensors.reported_noise	number	Noise is reported from so many times the stated density on; default 5: a hand's vibration makes up to that.
        localize.batch.rigid.span	seconds	Pictures are compared over this span, seconds; default 0.13: a hand moves the picture by several pixels.
        localize.batch.rigid.scene_motion	share, 0 to 1	The scene moves where a fifth of the picture's occupied regions moves by more than this over the span, share of the width; default 0.008 (5 pixels of 640).
        localize.batch.rigid.still_motion	share, 0 to 1	A point that moves less than this meanwhile stands still, share of the width; default 0.0012 (0.8 pixels of 640): tracking noise.
        localize.batch.rigid.cell	share, 0 to 1	Side of the cells that are judged, share of the width; default 0.025 (16 pixels of 640).
        localize.batch.rigid.minimum_sights	as the meaning says	Sights of points that a cell needs while the scene moves, and the share of them that stand still in a rigid one; defaults 12 and 0.7.
        localize.batch.rigid.still_share	as the meaning says	Sights of points that a cell needs while the scene moves, and the share of them that stand still in a rigid one; defaults 12 and 0.7.
        localize.batch.rigid.outline_share	share, 0 to 1	The same share for a cell beside a rigid one: its outline; default 0.35.
        localize.batch.rigid.track_reach	as the meaning says	A point is rigid that stays within this of where it began while the scene moves by so much, shares of the width; defaults 0.0025 (1.6 pixels of 640) and 0.1.
        localize.batch.rigid.track_scene_motion	as the meaning says	A point is rigid that stays within this of where it began while the scene moves by so much, shares of the width; defaults 0.0025 (1.6 pixels of 640) and 0.1.
        localize.batch.motion_span	whole number	Without an IMU: frames over which a recording's own accelerations are measured, for the motion model of its smoother; default 6.
        localize.batch.maximum_scale_sigma	number	Largest relative standard deviation of the scale from the IMU at which lengths count as metres; default 0.05.
        localize.batch.systematic_position	as the meaning says	What the map's own deformation and the lens add to every pose's standard deviation, on each axis, in pixels: of the position at the distance of the points (near ones count for more), and of the rotation; defaults 0.04 and 0.047, chosen on the sessions of two simulators.
        localize.batch.systematic_rotation	as the meaning says	What the map's own deformation and the lens add to every pose's standard deviation, on each axis, in pixels: of the position at the distance of the points (near ones count for more), and of the rotation; defaults 0.04 and 0.047, chosen on the sessions of two simulators.
        localize.batch.systematic_clock	seconds	How far the estimated clock is off at least, 1 σ, seconds: it moves every pose along its own motion; default 0.0002, measured on our own simulated sessions. What pictures and IMU disagree by on the clock comes on top.
        localize.batch.structural_columns	as the meaning says	Errors that points share are found by leaving regions of the picture out, so many columns and rows of them, in about so many frames; defaults 4, 3 and 120.
        localize.batch.structural_rows	as the meaning says	Errors that points share are found by leaving regions of the picture out, so many columns and rows of them, in about so many frames; defaults 4, 3 and 120.
        localize.batch.structural_frames	as the meaning says	Errors that points share are found by leaving regions of the picture out, so many columns and rows of them, in about so many frames; defaults 4, 3 and 120.
        localize.batch.structural_inflation	number	... and their variance is taken for so many times what is found; default 2: what whole regions of the picture share is not seen so.
        localize.batch.correlation_tracks	as the meaning says	Errors of one followed point in frames after one another are not independent: covariances are multiplied by what the recording's own residuals say of that, of about so many tracks, over so many seconds, as far as their correlation is above a floor; defaults 4000, 1 and 0.05 (below it is chance).
        localize.batch.correlation_span	as the meaning says	Errors of one followed point in frames after one another are not independent: covariances are multiplied by what the recording's own residuals say of that, of about so many tracks, over so many seconds, as far as their correlation is above a floor; defaults 4000, 1 and 0.05 (below it is chance).
        localize.batch.correlation_floor	as the meaning says	Errors of one followed point in frames after one another are not independent: covariances are multiplied by what the recording's own residuals say of that, of about so many tracks, over so many seconds, as far as their correlation is above a floor; defaults 4000, 1 and 0.05 (below it is chance).
        localize.batch.covariance_inflation	number	... and by this at least; default 1.
        localize.recognition.minimum_inliers	whole number	Landmark matches that agree with one pose for a frame to be recognised; default 15.
        localize.recognition.threshold	degrees	Largest angle between a match and its landmark, degrees; default 0.8: 2 px at a focal length of 141 px.
        localize.recognition.ratio	as the meaning says	The nearest landmark's descriptor must be nearer than this share of the next one's distance, and than so many times maximumDescriptorDistance; defaults 0.85 and 1.2: RANSAC sorts out what a loose match lets in.
        localize.recognition.distance_factor	as the meaning says	The nearest landmark's descriptor must be nearer than this share of the next one's distance, and than so many times maximumDescriptorDistance; defaults 0.85 and 1.2: RANSAC sorts out what a loose match lets in.
        localize.recognition.interval	whole number	Of the keyframes with descriptors one in so many is tried; default 2, in a mapping video 1.
        localize.gravity_sigma	radians	How well the map's up direction is trusted, radians; default 0.002: it comes from the whole mapping video.
        localize.maps_alone	true or false	A recording that the map does not hold is mapped by itself and joined by the table tag; default true.
        localize.alone_share	share, 0 to 1	... also when more than this share of its frames is lost; default 0.3.
        localize.moved_tag_distance	metres	The table tag is no anchor when it stands this far from where the map says it is, metres; default 0.03: it was moved.
        gripper_state.gripper.longest_gap_seconds	seconds	Widths missing for no longer than this are interpolated and marked, seconds; default 0.5: a finger tag is hidden by the object or by blur for a few frames, and fingers move by less than 0.1 m/s over that.
        gripper_state.gripper.outlier_distance	metres	A width further than this from the median of its neighbours is an outlier, metres; default 0.01.
        gripper_state.gripper.outlier_neighbours	frames	Neighbours on either side for that median, frames; default 3.
        gripper_state.gripper.range_quantile	share, 0 to 1	Share of the calibration's widths beyond either end of the range; default 0.02: one false detection must not set the range.
        gripper_state.gripper.minimum_calibration_share	share, 0 to 1	Share of frames with both finger tags that a calibration video needs; default 0.5.
        gripper_state.gripper.misplaced_share	share, 0 to 1	Share of a recording's frames that must show finger tags for it to be said that they stand at another depth than stated; default 0.2.
        gripper_state.gripper.identify_share	share, 0 to 1	Share of a recording's frames in which both finger tags of a gripper must be seen to know by them which gripper it is; default 0.8, UMI's own.
        gripper_state.gripper.corner_sigma	pixels	Standard deviation of a tag corner in a sharp picture, pixels; default 0.3: sub-pixel corners at the rim of a fisheye picture. It gives the widths their uncertainty.
        gripper_state.gripper.hidden_speed	m/s	How fast the fingers may have moved where nothing was seen of them, m/s; default 0.05. The uncertainty of an interpolated width grows by it with the distance to the nearest seen one.
        gripper_state.spikes.sigmas	number	Robust standard deviations (1.4826 × MAD) above the recording's median step at which a step may be a spike; default 3.
        gripper_state.spikes.local_ratio	number	A spike's step exceeds both its neighbours by this factor; default 1.1: a fast motion has fast neighbours, a jump has not.
        gripper_state.spikes.minimum_step	metres	Steps shorter than this are never spikes, metres; default 0.005: below, noise and stillness decide.
        gripper_state.spikes.repair_radius	whole number	Frames on either side of the jump that are laid anew; default 2.
        gripper_state.spikes.largest_repair	metres	Furthest that mending may move a frame, metres; default 0.015. Beyond, the frames about the jump are given up as lost.
        episodes.minimum_seconds	seconds	Shortest episode, seconds; default 0.8: below it no training window of 46 frames at 60 Hz fits.
        episodes.idle_seconds	seconds	Standing still for longer than this is idle and is left out, seconds; default 1.5.
        episodes.idle_margin	seconds	Seconds of stillness kept on either side of an idle span; default 0.3: a policy must see the robot come to rest.
        episodes.idle_speed	metres a second	Slower than this is still, metres a second; default 0.005.
        episodes.idle_turning	radians a second	Turning slower than this is still, radians a second; default 0.03.
        episodes.idle_gripper_speed	metres a second	The gripper's width changing slower than this is still, metres a second; default 0.004.
        episodes.speed_window	seconds	Seconds over which speeds are taken; default 0.2: pose noise of 1 mm then reads as 5 mm/s at most.
        episodes.largest_sigma	metres	Frames whose position sigma exceeds this are treated as lost, metres; default 0.05.
        episodes.sample_distance	seconds	Frames that are farther from every sample of a file beside the recording (demo.force.csv) are left out, seconds; default 0.05: half the time between the samples of a sensor that reads ten times a second.
        pair.minimum_overlap	seconds	Shortest time for which two cameras must record together to make a demo, seconds; default 0.5.
        pair.search_window	seconds	How far beyond what the clocks state the true offset is looked for, seconds; default 0.06: time codes are cut to whole frames (33 ms at 30 frames a second), and clocks that were set from one another's display differ by about another frame.
        pair.minimum_sightings	whole number	Fewest sightings of one gripper's tags by the other's camera for the clocks to be set by them; default 10.
        pair.maximum_offset_sigma	seconds	Largest standard deviation of an offset that is taken over from the pictures, seconds; default 0.003, the accuracy asked for.
        pair.offset_floor	seconds	Least standard deviation of an offset from the pictures, seconds; default 0.001: the poses' own errors are alike from frame to frame, which the corners' scatter does not show.
        pair.place_sigma	metres	Standard deviation of the two trajectories' common error of place, metres; default 0.004: the map's own accuracy. It is estimated along with the offset, so that a place that is wrong throughout is not mistaken for time.
        pair.corner_scale	pixels	Scale of the robust kernel on tag corners, pixels; default 1.
        pair.minimum_correlation	number	Least correlation of both grippers' turning speeds at which their clocks are set by it (one object carried with both); default 0.95.
        pair.correlation_sigma	seconds	Standard deviation given to an offset from correlation, seconds; default 0.004.
        pair.base_right	text	Where the right arm's base stands in the table's frame, x y z yaw_deg; empty: the arm's own, moved by half baseSpacing to the right.
        pair.base_left	text	The same of the left arm.
        pair.base_spacing	metres	Distance of the two bases along the table's y axis where none are given, metres; default 0.6.
        pair.station.clearance	m	Clearance between two arms under which there is a collision, m. Default 10 mm: what two arms' calibrations and tracking errors add up to.
        pair.station.reach	m	Distance up to which clearance is measured, m. Default 0.2.
        pair.station.step	number	Most that the motion of one sample may sum up to in any joint, rad or m, before samples are put between. Default 0.05.
        solve.seed	number	Seed of the random restarts. Default 1: any number gives the same bytes every time.
        solve.tolerance	number	A pose is solved when each axis is off by less than this, m and rad. Default 1e-5, as TRAC-IK's benchmark asks.
        solve.reach_position	m	A frame counts as reached up to this position residual, m. Default 1 mm: below what handheld tracking resolves.
        solve.reach_rotation	rad	A frame counts as reached up to this rotation residual, rad. Default 0.5 degrees.
        solve.iterations	whole number	Newton steps of one attempt. Default 60: most attempts that will converge do so in 20.
        solve.restarts	whole number	Attempts for a pose without a good guess. Default 100: 99.9 % of reachable poses need fewer than 20.
        solve.damping	share, 0 to 1	Damping of the first step as a share of the squared error. Default 1e-3; it follows the error afterwards.
        solve.projection_weight	metres	Metres that a radian counts for where an arm has fewer than six joints. Default 1e-3: the position is then met to a micrometre.
        solve.projection_restarts	whole number	Attempts of an arm with fewer than six joints, of which the one nearest in rotation is taken. Default 12.
        solve.projected_rotation	rad	Largest rotation that an arm with fewer than six joints may leave out before a frame is out of reach, rad. Default 20 degrees: a grasp from above is still one.
        solve.settled	number	Step, rad or m, under which such an arm is at rest on its nearest pose. Default 1e-7.
        solve.step	number	Longest joint step of one iteration, rad or m. Default 0.6: the Jacobian says little further off.
        solve.anchors	whole number	Frames at which postures are sampled, spread over the path. Default 5: start, end and three between.
        solve.samples	whole number	Random postures tried at each anchor. Default 8.
        solve.distinct	number	Postures closer than this in every joint are one, rad or m. Default 0.1.
        solve.posture_rate	1/s	Share of the way to the middle of the joint ranges that redundancy may drift in a second, 1/s. Default 0.5.
        solve.jump	number	Between two frames a joint that moves more than this, rad or m, and more than jumpVelocity allows, jumps. Default 0.5.
        solve.jump_velocity	number	The same as a multiple of the joint's velocity limit. Default 3: faster than too fast, slower than a change of posture.
        solve.projection_cost	number	Cost of a radian that an arm with fewer than six joints leaves out, for each frame. Default 100.
        solve.refine	text	Whether the chosen path is refined as a whole inside the reach tolerance: on or off.
        solve.refine_frequency	Hz	Frequency above which refinement takes motion of the joints for noise, Hz. Default 10: a hand moves below about 5.
        solve.refine_share	share, 0 to 1	Share of reachPosition and reachRotation that refinement may use up. Default 0.5: the rest is left to later smoothing.
        solve.refine_rounds	whole number	Rounds of refinement, each one linear solve over the whole path. Default 4.
        solve.refine_spring	number	Weight of what the tool does not feel (redundancy) against what it does. Default 1e-4: redundancy then moves below about 2 Hz.
        solve.refine_margin	number	The same of keeping away from limits, singularities and collisions. Default 1e-2.
        solve.unreached_cost	number	Cost of a frame out of reach in the choice of postures. Default 1e6: reach comes first.
        solve.jump_cost	number	Cost of a jump. Default 1e4: above some seconds in collision.
        solve.collision_cost	number	Cost of a frame in collision. Default 100.
        solve.limit_cost	number	Cost of a frame with a joint at its limit, falling to 0 at postureMargin. Default 10.
        solve.singular_cost	number	Cost of a frame at a singularity, falling to 0 at singular. Default 1.
        solve.posture_margin	number	Distance to a joint limit that costs nothing, rad or m. Default 0.1.
        solve.singular	number	Smallest singular value of the Jacobian (angles weighted by lever) that costs nothing. Default 0.05.
        solve.lever	m	Length that makes rotation comparable with translation, m. Default 0.3: about a forearm.
        solve.clearance	m	Clearance asked of the arm in the choice of postures, m. Default 5 mm.
        solve.posture	text	Which of the postures that hold a tool pose is taken: default (the rule of the data set that is appended to, else home), home (the family of the arm's home posture wherever it can follow), joint positions q1,q2,… in rad or m to stand for home, or free (each path for itself, as good as it gets: the same pose may then have other joints in another episode).
        solve.family_loss	share, 0 to 1	Share of a path's frames that the family of posture may lose against the best choice before another is taken, 0 to 1. Default 0.01.
        solve.families	whole number	Posture families that are tried in turn, the first one included. Default 8: as many as a spherical wrist, an elbow and a shoulder make.
        solve.family_samples	whole number	Random postures from which the families are found. Default 200: each of eight is then met a dozen times.
        solve.strain_margin	number	Distance to a joint limit under which redundancy is strained, rad or m. Default 0.5; at most a quarter of the joint's range.
        solve.strain_limit	number	What a radian inside strainMargin strains against one away from posture. Default 2.
        solve.strain_self_motion	number	What a joint that takes part in the reference's motions with a still tool strains beyond the others. Default 0; of a symmetric arm these are the joints that are at 0 where its elbow does not swing out, and redundancy then has one least and not two.
        solve.strain_rounds	whole number	Steps to where the strain is least, at most. Default 20: along a path two or three are taken.
        solve.strain_tolerance	number	Step, rad or m, under which the strain counts as least. Default 1e-4: a tenth of what refinement moves.
        solve.strain_step	number	Longest joint step towards less strain, rad or m. Default 0.2: further off the tool would leave its pose.
        solve.strain_leap	number	Joint move from frame to frame, rad or m, from which the way between is gone through in halves. Default 0.25: an arm's speed limits allow a third of it.
        solve.way_step	m	Steps of the way from where posture holds the tool to a pose, m. Default 0.05.
        solve.way_turn	number	The same in rad. Default 0.15.
        solve.base	text	How the arm's foot is found: default (the arm's own table_from_base) or search.
        feasibility.smoothing.highest	Hz	Highest cutoff, Hz; default 10: a hand moves below about 5 Hz, of which 1.5 % are lost. At most 0.4 of the frame rate is used.
        feasibility.smoothing.lowest	Hz	Lowest cutoff, Hz; default 3: 1 Hz passes to a part in a thousand.
        feasibility.smoothing.noise_share	share, 0 to 1	The cutoff is lowered until four standard deviations of acceleration noise are below this share of every limit. Default 0.1.
        feasibility.smoothing.knot	s	Distance of the spline's knots, s; default 1/60: nothing below 10 Hz is lost between them.
        feasibility.smoothing.position	m	The motion keeps this close to the recorded tool path, m; default 2 mm. Where it does not, its cutoff rises locally.
        feasibility.smoothing.rotation	rad	The same for rotation, rad; default 0.5 degrees.
        feasibility.smoothing.sigmas	number	Where the recorded path itself is noisier than that: so many of its standard deviations, by axis. Default 5: of a million frames, five are further off by chance.
        feasibility.smoothing.rounds	whole number	How often the weights of frames that were left too far off are raised; default 30. Each time by the square of their distance over 0.8 of the tolerance, at most 8: the largest distance sinks with the least acceleration that this takes.
        feasibility.smoothing.heaviest	number	Heaviest weight of a frame; default 1e6, beyond which rounding would decide.
        feasibility.retiming.spacing	s	Distance of the points at which speed is chosen, s of the recording; default 1/120.
        feasibility.retiming.slowest	share, 0 to 1	Slowest speed, share of the recorded; default 0.2. A frame that the arm can only pass more slowly is cut: so slow is no demonstration any more, and near a singularity no speed is slow enough.
        feasibility.retiming.fastest	number	Highest speed under fastest-feasible, as a multiple of the recorded; default 8.
        feasibility.retiming.window	s	Width of the window over which changes of acceleration are spread, applied twice, s; default 1/30: a data set of 30 Hz still shows them.
        feasibility.retiming.share	share, 0 to 1	Share of each limit that is used; default 0.995, so that rounding and interpolation stay inside.
        feasibility.retiming.rounds	whole number	How often limits are tightened where spreading the acceleration broke them; default 25.
        feasibility.retiming.knot	s	Distance of the knots of the new motion, s; default 1/120.
        feasibility.retiming.slowed	share, 0 to 1	Speed under which a frame counts as slowed down, share of the recorded; default 0.99.
        feasibility.repair	one of retime, none	What is done with frames that only speed makes infeasible: retime gives them more time, none cuts them. Default retime.
        feasibility.speed	one of recorded, fastest-feasible	recorded keeps the demonstrator's speed where the arm can follow, fastest-feasible goes as fast as the arm's limits allow. Default recorded.
        feasibility.step	s	Furthest apart in time that a motion is checked, s. Default 1/60: a frame that is shown longer is checked more than once.
        feasibility.torque_step	s	Torque rates are differences of torques so far before and after, s. Default 4 ms.
        feasibility.reach_position	m	Position residual above which a frame is out of reach, m. Default 1 mm.
        feasibility.reach_rotation	rad	Rotation residual above which a frame is out of reach, rad. Default 0.5 degrees.
        feasibility.position_margin	number	Distance a joint must keep from the ends of its range, rad or m. Default 0.02.
        feasibility.graze	number	A joint that is no further than this beyond its range (less the margin) is held at its end and the others take over, as long as the tool stays within 0.7 of smoothing.position and .rotation, rad or m. Default 0.1.
        feasibility.graze_margin	number	How far inside a joint is held then, rad or m, so that smoothing does not carry it out again. Default 0.002.
        feasibility.velocity_fraction	share, 0 to 1	Share of the velocity limit that may be used. Default 0.9: room for the controller.
        feasibility.acceleration_fraction	share, 0 to 1	Share of the acceleration limit that may be used. Default 0.95: a controller adds a few hundredths when it follows a data set's frames.
        feasibility.jerk_fraction	share, 0 to 1	Share of the jerk limit that may be used. Default 1.
        feasibility.torque_fraction	share, 0 to 1	Share of the torque limit that may be used. Default 0.9: the model's masses are known to about that.
        feasibility.torque_rate_fraction	share, 0 to 1	Share of the torque rate limit that may be used. Default 0.85: what frames at 60 Hz do not show of it a controller makes up.
        feasibility.self_clearance	m	Smallest clearance of the arm from itself, m; below it there is a collision. Default 0.
        feasibility.table_clearance	m	Smallest clearance of the arm, without its fingers, from the table, m. Default −10 mm: a table found by tracking is known to no better, so what seems to dip in by less is a warning.
        feasibility.obstacle_clearance	m	Smallest clearance of the arm from the obstacles given, m. Default 0.
        feasibility.far_clearance	m	Clearance at which the margin reads 1, m. Default 0.05.
        feasibility.near_clearance	m	Clearance under which there is a warning, m. Default 5 mm.
        feasibility.singular	m	Smallest singular value of the Jacobian (angles weighted by lever) under which a frame is infeasible, m. Default 0.003: to move its tool by 1 mm the arm would have to turn a joint by 20 degrees.
        feasibility.near_singular	m	The value under which there is a warning, m. Default 0.03.
        feasibility.lever	m	Length that makes rotation comparable with translation, m. Default 0.3.
        feasibility.assumed_limits_fail	true or false	Whether limits that are only assumed can fail a frame. Default true; false turns them into warnings.
        feasibility.reach_shadow	seconds	Seconds around a span out of reach in which fast joints of the stretching arm are put down to the reach and not to speed. Default 0.5.
        feasibility.stretching	number	Singular value under which an arm counts as stretching in that sense. Default 0.1.
        feasibility.merge_gap	seconds	Frames of one reason that are this close, seconds, are one span. Default 0.05.
        mask.device.maximum_working_width	pixels	Widest working picture, pixels; default 320. Pictures are scaled down by the smallest whole number that gets them below.
        mask.device.frames_per_recording	whole number	Pictures kept from each recording, evenly spread; default 40. More sharpen the statistics, at linear cost.
        mask.device.minimum_frames	whole number	Fewest pictures in all for a device mask from motion; default 12. With fewer only the hints and the circle are used.
        mask.device.recording_share	share, 0 to 1	Share of the recordings in which an edge must be rigid and an area steady; default 0.8: in some a hand lies over the device.
        mask.device.circle_brightness	gray levels	A pixel beyond the circle is never brighter than this, gray levels; default 12 (black with noise and flare).
        mask.device.deviation_quantile	quantile, 0 to 1	The quantile of |I − median| over the pictures that tells rigid from moving; default 0.8: a scene pixel that is steady half of the time (a bare table) is still swept by something now and then, a device pixel never is.
        mask.device.maximum_deviation	gray levels	A device pixel's deviation quantile is below this, gray levels, default 14: noise, exposure and moving shadows stay below it.
        mask.device.circle_rim	working pixels	Width of the band along the circle whose edge is the lens's, not the device's, working pixels; default 3.
        mask.device.minimum_coherence	number	|mean ∇I| / mean |∇I| above which an edge is rigid; default 0.7. An edge of the scene that moves comes to 0.1 to 0.3.
        mask.device.minimum_strength	gray levels per pixel	|mean ∇I| above which a rigid edge counts, gray levels per pixel; default 4: smooth light on a bare table stays below it.
        mask.device.minimum_gradient	gray levels per pixel	Mean |∇I| below which a pixel has no edge, gray levels per pixel; default 2.5 (about the noise of a sensor).
        mask.device.minimum_persistence	number	|mean ∇I| over the root mean square of |∇I| above which an edge stands still; default 0.75: so a finger's does that opens and closes by some pixels. An edge of the scene that sways over a place comes to 0.3 to 0.7.
        mask.device.standing_strength	gray levels per pixel	|mean ∇I| above which such an edge counts, gray levels per pixel; default 12: clouds and a far horizon stand still too, but are faint.
        mask.device.standing_edge	pixels	Pixels of such edges that a device part needs, in sides of a square of its area; default 1.5 (a square's outline has four). Real and simulated grippers have 3.5 or more, skies, walls and horizons of footage without a gripper 0 to 0.2.
        mask.device.edge_gap	share of the picture's width	Gap between rigid edges that is closed, share of the picture's width; default 0.025.
        mask.device.largest_enclosed	share of the picture	Largest steady area that rigid edges and the circle may enclose, share of the picture; default 0.08.
        mask.device.thinnest	working pixels	Radius of the thinnest device part, working pixels; default 2: thinner streaks are edges of a scene that moved little.
        mask.device.comes_from_border	true or false	Whether every device part reaches the picture's border or the circle; default true.
        mask.device.minimum_share	share of the picture	Smallest device part, share of the picture; default 0.002.
        mask.device.dilation	working pixels	Dilation of the device for protecting it, working pixels; default 1.
        mask.device.trim_pictures	as the meaning says	Pictures of the scene's own recording that are held against each other where the mask lies, most; default 24; fewest that must tell of a pixel, default 4; the share of other views that may disagree where the scene explains it, default 0.25; and the share of the pictures in which it must, default 0.6, for the pixel to be scene.
        mask.device.trim_keyframes	as the meaning says	Pictures of the scene's own recording that are held against each other where the mask lies, most; default 24; fewest that must tell of a pixel, default 4; the share of other views that may disagree where the scene explains it, default 0.25; and the share of the pictures in which it must, default 0.6, for the pixel to be scene.
        mask.device.trim_disagreement	as the meaning says	Pictures of the scene's own recording that are held against each other where the mask lies, most; default 24; fewest that must tell of a pixel, default 4; the share of other views that may disagree where the scene explains it, default 0.25; and the share of the pictures in which it must, default 0.6, for the pixel to be scene.
        mask.device.trim_share	as the meaning says	Pictures of the scene's own recording that are held against each other where the mask lies, most; default 24; fewest that must tell of a pixel, default 4; the share of other views that may disagree where the scene explains it, default 0.25; and the share of the pictures in which it must, default 0.6, for the pixel to be scene.
        mask.device.finger_reach	tag sides	The patch about a finger tag within which the finger is sought, in tag sides to each side; default 4.
        mask.device.finger_tag_scale	tag sides	A finger's protected square about its tag where no finger could be learned, in tag sides; default 1.9 (quiet zone and plate).
        mask.device.minimum_finger_frames	whole number	Fewest pictures with a tag for learning its finger; default 10.
        mask.human.maximum_working_width	pixels	Widest working picture, pixels; default 240: where the static scene is known the outline is found at full size anyway.
        mask.human.keyframe_interval	seconds	Seconds between the pictures that stand for the static scene; default 0.2.
        mask.human.maximum_keyframes	whole number	Most keyframes held in memory; default 1200 (about 0.2 GB); a longer recording gets a longer interval.
        mask.human.neighbours	whole number	Other keyframes a picture is compared with; default 12, half before and half after.
        mask.human.nearest_neighbour	seconds	Nearest keyframe used, seconds; default 0.25: nearer ones show the human at the same place.
        mask.human.furthest_neighbour	seconds	Furthest keyframe used, seconds; default 3.5: further ones see a different light and a drifted pose.
        mask.human.plane_heights	metres	Heights above the table on which a pixel may lie, metres: the table itself and what stands on it. More surfaces explain more of the scene, and by chance more of a hand on wood: twice as many cost 0.1 of IoU on the fixture.
        mask.human.sphere_distances	metres	Distances from the camera at which a pixel may lie where it is not near the table, metres: walls and what is behind.
        mask.human.maximum_plane_distance	metres	Furthest point on a plane, metres; default 4.
        mask.human.grid_step	working pixels	Pixels between the nodes at which the warp is computed exactly, working pixels; default 8.
        mask.human.brightness_tolerance	number	Gray levels by which brightness may differ between two views of the same point; default 8 (noise, vignetting).
        mask.human.relative_brightness_tolerance	share, 0 to 1	The same as a share of the brightness; default 0.12 (exposure, vignetting).
        mask.human.colour_tolerance	levels	Colour distance |ΔCb| + |ΔCr| + half the brightness left after tolerance above which two views differ, levels; default 9.
        mask.human.tolerance_ladder	factor	Factors on the three tolerances, the largest first: the smallest is used with which the static scene explains itself, so that a steady, clean recording tells a hand from a wooden table.
        mask.human.tolerance_quantile	quantile, 0 to 1	A smaller tolerance is taken while this quantile of the disagreement over the sampled keyframes' pixels, default 0.9, …
        mask.human.tolerance_disagreement	share, 0 to 1	… is at most this share of views; default 0.16.
        mask.human.tolerance_keyframes	whole number	Keyframes on which the tolerance is chosen; default 9.
        mask.human.minimum_views	whole number	Fewest neighbours that see a pixel for it to be judged; default 3.
        mask.human.dense_radius	working pixels	Half side of the neighbourhood over which disagreement is averaged, working pixels; default 2, at most 31.
        mask.human.seed_disagreement	share, 0 to 1	Averaged share of views (before, after and together, on every surface) that must disagree for a seed of human; default 0.4.
        mask.human.scene_agreement	share, 0 to 1	Averaged share of views that must agree for a pixel to be a seed of scene; default 0.8.
        mask.human.neutral_disagreement	number	Disagreement that says neither human nor scene; default 0.25.
        mask.human.seed_reach	whole number	Keyframes to one with a seed, before and after, between which another one's regions are human, where the static scene is known; default 2.
        mask.human.explained_share	as the meaning says	What of a pixel's deviation from the static scene is left where the recording's other pictures explain it wholly, default 0.25, and the share of them that must disagree for all of it to count, default 0.4: a thing that was moved is no human unless it looks like skin.
        mask.human.explained_disagreement	as the meaning says	What of a pixel's deviation from the static scene is left where the recording's other pictures explain it wholly, default 0.25, and the share of them that must disagree for all of it to count, default 0.4: a thing that was moved is no human unless it looks like skin.
        mask.human.active_reach	number	Keyframes from one with a human within which a frame is searched; default 2.
        mask.human.seed_share	share, 0 to 1	Smallest seed region, share of the picture inside the circle; default 0.003.
        mask.human.judge_without_poses	true or false	Judge recordings without poses, by skin colour alone; default false: wood, mulch and orange plastic look like skin, and a recording without poses gives no episode anyway.
        mask.human.sufficient_agreement	number	Agreement at which a pixel is explained and no further surface is tried; default 0.85.
        mask.human.gate_keyframes	whole number	Fewest keyframes with a seed region for the recording to have a human at all; default 5 (a second).
        mask.human.gate_share	share, 0 to 1	Share of the picture that the seeds of so many keyframes must cover; default 0.006.
        mask.human.plain_seed_share	share of the picture	Smallest seed region where none of it looks like skin, share of the picture; default 0.006: sleeves and gloves are large.
        mask.human.seed_skin_share	share, 0 to 1	Share of a seed region that must look like skin to be taken at seedShare; default 0.12.
        mask.human.sure_odds	number	Log odds from which a pixel's word is taken: for learning the human's colours again from what was found, and where a model or label says so; default 1.
        mask.human.link_disagreement	as the meaning says	Weaker evidence that may link a region to the border: averaged share of views that disagree, default 0.2, or log odds above, default −1.5.
        mask.human.link_odds	as the meaning says	Weaker evidence that may link a region to the border: averaged share of views that disagree, default 0.2, or log odds above, default −1.5.
        mask.human.region_disagreement	share, 0 to 1	Share of a region's pixels that the scene must leave unexplained (more than neutralDisagreement); default 0.3: colour alone, at the rim above all, is no human.
        mask.human.entry_share	share, 0 to 1	Sectors of the border (36 in all) with at least this share of the seeds of the fullest one let a human in; default 0.2.
        mask.human.entry_reach	whole number	Sectors to each side of those that do so too; default 5 (50 degrees).
        mask.human.border_reach	whole number	A region counts as reaching the border within this many working pixels of it; default 9: beyond rimWidth.
        mask.human.rim_width	working pixels	Width of the band along the image circle in which nothing can be a seed, working pixels; default 6: the light falls off there in a way that no other picture explains.
        mask.human.held_radius	metres	Radius about the tool in which a thing that is steady in the picture is held by the jaws, metres; default 0.09.
        mask.human.held_span	as the meaning says	Seconds before and after in which a held thing is steady, default 0.5; pictures nearer than the gap, default 0.08, are the picture itself; and the share of them that must look alike, default 0.75.
        mask.human.held_gap	as the meaning says	Seconds before and after in which a held thing is steady, default 0.5; pictures nearer than the gap, default 0.08, are the picture itself; and the share of them that must look alike, default 0.75.
        mask.human.held_agreement	as the meaning says	Seconds before and after in which a held thing is steady, default 0.5; pictures nearer than the gap, default 0.08, are the picture itself; and the share of them that must look alike, default 0.75.
        mask.human.colour_weight	number	Weight of the recording's own colour model against the motion evidence; default 1.
        mask.human.motion_weight	number	Weight of the motion evidence; default 5: full disagreement is worth e^3.75.
        mask.human.held_weight	number	Log odds against human for what the jaws hold; default 2.
        mask.human.prior	as the meaning says	Log odds against human before any evidence, default 0.7, and where the static scene is known, default 0: there the evidence says enough.
        mask.human.background_prior	as the meaning says	Log odds against human before any evidence, default 0.7, and where the static scene is known, default 0: there the evidence says enough.
        mask.human.background_deviation	as the meaning says	Deviation from the static scene that says nothing yet, default 1.2, and how much more says all that can be said, default 3; standard deviations of the prediction.
        mask.human.background_levels	as the meaning says	Deviation from the static scene that says nothing yet, default 1.2, and how much more says all that can be said, default 3; standard deviations of the prediction.
        mask.human.background_seed_share	as the meaning says	Where the static scene is known much less gives a human away: smallest seed region, default 0.0015, share of the picture that the seeds of gateKeyframes keyframes must cover, default 0.0025, smallest region in a frame, default 0.0005, and the band along the circle in which nothing can be a seed, working pixels, default 1.
        mask.human.background_gate_share	as the meaning says	Where the static scene is known much less gives a human away: smallest seed region, default 0.0015, share of the picture that the seeds of gateKeyframes keyframes must cover, default 0.0025, smallest region in a frame, default 0.0005, and the band along the circle in which nothing can be a seed, working pixels, default 1.
        mask.human.background_minimum_share	as the meaning says	Where the static scene is known much less gives a human away: smallest seed region, default 0.0015, share of the picture that the seeds of gateKeyframes keyframes must cover, default 0.0025, smallest region in a frame, default 0.0005, and the band along the circle in which nothing can be a seed, working pixels, default 1.
        mask.human.background_rim_width	as the meaning says	Where the static scene is known much less gives a human away: smallest seed region, default 0.0015, share of the picture that the seeds of gateKeyframes keyframes must cover, default 0.0025, smallest region in a frame, default 0.0005, and the band along the circle in which nothing can be a seed, working pixels, default 1.
        mask.human.lone_share	as the meaning says	A region of a smaller share, default 0.004, must touch the border or lie within this reach, working pixels, default 12, of one that is larger or does: what stands alone in the picture is an edge or a shadow.
        mask.human.lone_reach	as the meaning says	A region of a smaller share, default 0.004, must touch the border or lie within this reach, working pixels, default 12, of one that is larger or does: what stands alone in the picture is an edge or a shadow.
        mask.human.other_tag_frames	whole number	Fewest frames with a tag that is neither one's own nor in the static scene for it to be another gripper's; default 8.
        mask.human.other_tag_reach	seconds	Seconds before and after a frame in which such a tag may be seen for its place to be known in the frame; default 1.
        mask.human.other_gripper_reach	tag sides	How far from the tag its gripper is sought, in tag sides; default 5.
        mask.human.other_tag_scale	tag sides	The square about a tag that is the gripper in any colour, in tag sides; default 1.6: quiet zone and plate.
        mask.human.other_colour_odds	as the meaning says	Log of a colour's density in one's own device over that of any colour, from which it is a gripper's, default 2; once the human's colours are known, default 0.5; and over its density in the human then, default 0.
        mask.human.other_known_odds	as the meaning says	Log of a colour's density in one's own device over that of any colour, from which it is a gripper's, default 2; once the human's colours are known, default 0.5; and over its density in the human then, default 0.
        mask.human.other_human_odds	as the meaning says	Log of a colour's density in one's own device over that of any colour, from which it is a gripper's, default 2; once the human's colours are known, default 0.5; and over its density in the human then, default 0.
        mask.human.other_gap_radius	working pixels	Widest gap in another gripper that is closed, working pixels; default 2.
        mask.human.other_part_gap	working pixels	Half the widest gap between the parts of another gripper (body, fingers), working pixels; default 4.
        mask.human.external_veto	number	Log odds against human, from models and labels, above which what the static scene does not explain is no seed; default 8: a drawn label says 12, a model that is sure 4, a classifier learned from labels 2.
        mask.human.other_part_area	working pixels	Smallest part of another gripper, working pixels; default 12: less is a speck of its colours in the human or the scene.
        mask.human.other_edge_share	as the meaning says	A region is another gripper's edge, not a human, where this share of it, default 0.6, lies within this reach of the gripper, working pixels, default 2 (blur and the video's coarse colours), where it does not come in from the border, and less than half of it is clearly of the human's colours: log of their density over the device's, default 2.
        mask.human.other_edge_reach	as the meaning says	A region is another gripper's edge, not a human, where this share of it, default 0.6, lies within this reach of the gripper, working pixels, default 2 (blur and the video's coarse colours), where it does not come in from the border, and less than half of it is clearly of the human's colours: log of their density over the device's, default 2.
        mask.human.other_sure_odds	as the meaning says	A region is another gripper's edge, not a human, where this share of it, default 0.6, lies within this reach of the gripper, working pixels, default 2 (blur and the video's coarse colours), where it does not come in from the border, and less than half of it is clearly of the human's colours: log of their density over the device's, default 2.
        mask.human.other_margin	working pixels	Width about another gripper that is not taken for the human's margin, working pixels; default 1.
        mask.human.other_gripper_weight	number	Log odds against human there; default 4.
        mask.human.other_keyframes	as the meaning says	Keyframes on which the colours of one's own device are learned, default 20, and the shares of their light in which they are, defaults 1, 0.75, 0.55, 0.4: another gripper is lit otherwise. What the human's pixels near such a tag count, default 0.1.
        mask.human.other_lights	as the meaning says	Keyframes on which the colours of one's own device are learned, default 20, and the shares of their light in which they are, defaults 1, 0.75, 0.55, 0.4: another gripper is lit otherwise. What the human's pixels near such a tag count, default 0.1.
        mask.human.other_near_weight	as the meaning says	Keyframes on which the colours of one's own device are learned, default 20, and the shares of their light in which they are, defaults 1, 0.75, 0.55, 0.4: another gripper is lit otherwise. What the human's pixels near such a tag count, default 0.1.
        mask.human.background_weight	factor	Factor on the log odds of the static scene against the human's colours; default 1; 0 leaves the scene out.
        mask.human.background_surprise	share, 0 to 1	Share of scene pixels that the scene does not predict (edges, shadows, what moved); default 0.02.
        mask.human.background_tolerance	factor	Factor on the tolerances within the recording where the static scene is known; default 0.7.
        mask.human.edge_cost	number	Cost of an edge of the mask between like-coloured pixels, log odds; default 2.5.
        mask.human.fine_edge_cost	as the meaning says	The same at full size along the mask's edge; default 2.5, and how far from the working mask's edge it is sought, working pixels; default 2.
        mask.human.edge_reach	as the meaning says	The same at full size along the mask's edge; default 2.5, and how far from the working mask's edge it is sought, working pixels; default 2.
        mask.human.edge_coarse_weight	number	Weight of the working picture's log odds in the full-size ones; default 0: they only smear the outline.
        mask.human.edge_levels	as the meaning says	Colour difference over which that cost falls off, levels, default 9, and the share of it that is left across any, default 0.12: noise makes edges too.
        mask.human.least_edge_cost	as the meaning says	Colour difference over which that cost falls off, levels, default 9, and the share of it that is left across any, default 0.12: noise makes edges too.
        mask.human.cut_limit	number	Most a single pixel's evidence counts in the cut, log odds; default 5.
        mask.human.cut_odds	as the meaning says	What is cut: the rectangle about the pixels above these log odds, default −1, and so many working pixels more, default 4: farther off everything is scene.
        mask.human.cut_margin	as the meaning says	What is cut: the rectangle about the pixels above these log odds, default −1, and so many working pixels more, default 4: farther off everything is scene.
        mask.human.union_frames	whole number	Frames before and after whose masks are joined into the margin; default 2.
        mask.human.neighbour_reach	working pixels	Dilation of those frames' masks before that, working pixels; default 1: their full-size outlines, which may be wider, are not known.
        mask.human.margin_radius	working pixels	Dilation of the human into the margin, working pixels; default 2.
        mask.human.maximum_blur_margin	working pixels	Most the margin grows with the picture's own motion (blur), working pixels; default 3.
        mask.human.blur_distance	metres	Distance of what the camera moves past, for that motion, metres; default 0.5: the table below a hand-held gripper.
        mask.human.finger_tag_reach	whole number	Frames to each side from which a finger tag is borrowed where a frame has none; default 45: a finger that is covered for a second is still there.
        mask.human.pose_tolerance	seconds	Seconds by which a pose's time may be off its frame's; default 0.01: less than half a frame at 50 a second.
        mask.human.unresolved_probability	number	Probability of human from which a pixel that is not taken out counts as unresolved; default 0.4: its own evidence says human as soon as not.
        mask.human.minimum_share	share of the picture	Smallest human region in a frame, share of the picture; default 0.0025: smaller ones are boxes that the surfaces do not explain.
        mask.skin.centre_red_green	as the meaning says	Centre of skin in ln(R/G) and ln(G/B) of a white-balanced picture; defaults 0.36 and 0.20. Melanin and blood absorb green and blue more than red: skin of every tone lies on one short line in these two; lightness tells tones apart and is not used.
        mask.skin.centre_green_blue	as the meaning says	Centre of skin in ln(R/G) and ln(G/B) of a white-balanced picture; defaults 0.36 and 0.20. Melanin and blood absorb green and blue more than red: skin of every tone lies on one short line in these two; lightness tells tones apart and is not used.
        mask.skin.sigma_red_green	as the meaning says	Standard deviations about the centre; defaults 0.15 and 0.14.
        mask.skin.sigma_green_blue	as the meaning says	Standard deviations about the centre; defaults 0.15 and 0.14.
        mask.skin.strict_distance	number	Squared Mahalanobis distance below which a pixel surely looks like skin; default 1.5.
        mask.skin.loose_distance	number	The same below which it may be skin; default 4.5.
        mask.skin.minimum_brightness	as the meaning says	Darkest and brightest green value judged, levels; defaults 18 and 245: the ratios are noise below and clipped above.
        mask.skin.maximum_brightness	as the meaning says	Darkest and brightest green value judged, levels; defaults 18 and 245: the ratios are noise below and clipped above.
        mask.skin.balance_pictures	whole number	Pictures of the recording on which white balance is found; default 40, evenly spread.
        mask.skin.bright_share	share, 0 to 1	Share of the scene's pixels, the brightest, among which gray ones are sought for white balance; default 0.1.
        mask.skin.neutral_share	share, 0 to 1	Fewest gray pixels among them for white balance, share of the scene; default 0.005.
        mask.skin.maximum_balance	number	Most that a channel of a gray pixel differs from green, as a ratio, and so the most that white balance changes; default 1.25: cameras balance already.
        mask.skin.minimum_share	share, 0 to 1	Smallest region of skin in a single picture, share of it; default 0.004.
        mask.skin.grab_cut_iterations	whole number	GrabCut iterations of the colour path on a single picture; default 3; 0 leaves the grown region as it is.
        mask.background.interval	seconds	Seconds between the pictures taken; default 0.25.
        mask.background.keyframes	whole number	Most pictures; default 28: each costs about 80 ms once.
        mask.background.minimum_views	whole number	Fewest pictures with a pose for a model; default 5: with fewer the depth is guessed.
        mask.background.views	whole number	Views that a picture's depth is sought with; default 6.
        mask.background.baseline	metres	Distance of two views that is liked best, metres; default 0.14.
        mask.background.maximum_turn	degrees	Largest turn between two views, degrees; default 40.
        mask.background.maximum_height	as the meaning says	Heights above the table that are tried beside the table itself: up to, metres, and how many; defaults 0.28 and 22.
        mask.background.heights	as the meaning says	Heights above the table that are tried beside the table itself: up to, metres, and how many; defaults 0.28 and 22.
        mask.background.nearest	as the meaning says	Distances from the camera that are tried: from, to, metres, and how many, even in their inverse; defaults 0.25, 7 and 28.
        mask.background.furthest	as the meaning says	Distances from the camera that are tried: from, to, metres, and how many, even in their inverse; defaults 0.25, 7 and 28.
        mask.background.distances	as the meaning says	Distances from the camera that are tried: from, to, metres, and how many, even in their inverse; defaults 0.25, 7 and 28.
        mask.background.window	working pixels	Half side of the window that is compared, working pixels; default 3.
        mask.background.detail_radius	working pixels	Half side of the square whose mean brightness is taken off before pictures are compared, working pixels, default 4: exposure drops out.
        mask.background.most_luma_difference	as the meaning says	Most that a pixel's brightness, and its chroma, count as different, levels; defaults 24 and 20: what moved is not compared for ever.
        mask.background.most_chroma_difference	as the meaning says	Most that a pixel's brightness, and its chroma, count as different, levels; defaults 24 and 20: what moved is not compared for ever.
        mask.background.better_half_weight	as the meaning says	Weight of the half of the views that agrees better, default 0.6, and what is added where only one half shows a place, levels, default 2.
        mask.background.lone_half_cost	as the meaning says	Weight of the half of the views that agrees better, default 0.6, and what is added where only one half shows a place, levels, default 2.
        mask.background.table_bonus	levels	Mean difference that a plane above the table, or a distance, has to be better by than the table, levels; default 0.8.
        mask.background.maximum_cost	levels	Largest mean difference of an accepted depth, levels; default 9.
        mask.background.depth_tolerance	share, 0 to 1	Share by which the depths of two views of one point may differ; default 0.04.
        mask.background.agreeing	whole number	Fewest other views that must agree on a point; default 2.
        mask.background.cell	metres	Side of the cells in which points are merged, metres at 0.5 m distance; default 0.007; it grows with the distance beyond.
        mask.background.cell_distance	as the meaning says	Distance up to which cells are of that size, metres, default 0.6; they double with it. And fewest points of a cell, default 2: one is noise.
        mask.background.points_in_cell	as the meaning says	Distance up to which cells are of that size, metres, default 0.6; they double with it. And fewest points of a cell, default 2: one is noise.
        mask.background.surface_share	as the meaning says	Points of the cloud that are farther than the nearest one by no more than this share, default 0.06, and this much more, metres, default 0.01, belong to one surface.
        mask.background.surface_margin	as the meaning says	Points of the cloud that are farther than the nearest one by no more than this share, default 0.06, and this much more, metres, default 0.01, belong to one surface.
        mask.background.splat_share	as the meaning says	A point covers the nodes within this share of its cell's side, default 0.62, and so many nodes more, default 0.25, so that neighbours meet; and at most so many nodes to each side, default 3.5.
        mask.background.splat_margin	as the meaning says	A point covers the nodes within this share of its cell's side, default 0.62, and so many nodes more, default 0.25, so that neighbours meet; and at most so many nodes to each side, default 3.5.
        mask.background.largest_splat	as the meaning says	A point covers the nodes within this share of its cell's side, default 0.62, and so many nodes more, default 0.25, so that neighbours meet; and at most so many nodes to each side, default 3.5.
        mask.background.table_snap	share, 0 to 1	A node that shows the table takes the table's exact distance where that is off by less than this share; default 0.2.
        mask.background.hole_reach	whole number	Nodes by which the known may grow into holes of a depth map; default 6.
        mask.background.step	working pixels	Pixels between the nodes of a depth map, working pixels; default 2.
        mask.background.table_thickness	metres	Half the thickness of what counts as the table's own surface, metres; default 0.007.
        mask.background.comparisons	whole number	Views of the scene that a picture is compared with; default 5.
        mask.background.smoothing	working pixels	Blur of the working pictures that are compared, working pixels; default 0.6.
        mask.background.luma_noise	as the meaning says	Noise of a predicted brightness and of its chroma, levels; defaults 1.5 and 1.5, and of brightness as a share of it; default 0.02.
        mask.background.chroma_noise	as the meaning says	Noise of a predicted brightness and of its chroma, levels; defaults 1.5 and 1.5, and of brightness as a share of it; default 0.02.
        mask.background.relative_noise	as the meaning says	Noise of a predicted brightness and of its chroma, levels; defaults 1.5 and 1.5, and of brightness as a share of it; default 0.02.
        mask.background.chroma_bleed	share, 0 to 1	Share of the chroma's difference to the neighbouring pixels by which it may be off at full size, where video holds chroma at half size; default 0.7.
        mask.background.shift	pixels	Pixels by which a prediction may be off; default 0.3: poses, depth, rounding.
        mask.background.few_views	as the meaning says	Added where fewer than so many views show a place, default 3, levels by the number of views, default 6.
        mask.background.few_views_noise	as the meaning says	Added where fewer than so many views show a place, default 3, levels by the number of views, default 6.
        mask.background.luma_spread	as the meaning says	Noise to a level by which the views are apart in brightness, default 1.5, and in chroma, both channels together, default 0.75.
        mask.background.chroma_spread	as the meaning says	Noise to a level by which the views are apart in brightness, default 1.5, and in chroma, both channels together, default 0.75.
        mask.background.hidden_share	share, 0 to 1	A point seen farther than this share beyond what hides it is hidden; default 0.08.
        mask.background.hidden_margin	metres	And farther beyond it than this, metres; default 0.01.
        mask.background.turn_distance	metres	What a turn of a radian counts for when the nearest views are sought, metres; default 0.35.
        mask.background.exposure_witnesses	as the meaning says	Places at which both a picture and a view must show the scene for their brightness to be compared, default 60, and the darkest and brightest level that counts there, defaults 16 and 245.
        mask.background.darkest_witness	as the meaning says	Places at which both a picture and a view must show the scene for their brightness to be compared, default 60, and the darkest and brightest level that counts there, defaults 16 and 245.
        mask.background.brightest_witness	as the meaning says	Places at which both a picture and a view must show the scene for their brightness to be compared, default 60, and the darkest and brightest level that counts there, defaults 16 and 245.
        mask.fill.mode	one of observed, inpaint, black, keep	Default observed.
        mask.fill.inpaint_radius	pixels	Radius of Telea's neighbourhood, pixels; default 4.
        mask.fill.plates	whole number	Full-size pictures held for filling from other frames; default 48, evenly spread over the recording.
        mask.fill.minimum_views	whole number	Fewest views that agree for a pixel to count as observed; default 2.
        mask.fill.maximum_views	whole number	Most views asked for a pixel; default 6, nearest first.
        mask.fill.view_tolerance	number	Spread of the agreeing views, levels summed over the channels; default 14: more and what is off by a pixel passes for observed.
        mask.fill.most_difference	number	Most that a view counts as off, levels summed over the channels; default 90: a view that shows something else is not compared for ever.
        mask.fill.surface_window	as the meaning says	Without a background model: half side of the square over which views on a surface are compared, pixels, default 4, and what each surface after the first has to be better by than the one before, levels, default 0.15: the table is likelier than what stands on it.
        mask.fill.surface_bonus	as the meaning says	Without a background model: half side of the square over which views on a surface are compared, pixels, default 4, and what each surface after the first has to be better by than the one before, levels, default 0.15: the table is likelier than what stands on it.
        mask.fill.turn_distance	metres	What a turn of a radian counts for when the nearest viewpoints are sought, metres; default 0.3.
        mask.fill.exposure_witnesses	as the meaning says	Pixels of the ring on which a view's brightness is compared with the picture's, at least, default 40; the darkest level that counts there, default 12; and the smallest change that is made, default 0.015: rounding is less.
        mask.fill.darkest_witness	as the meaning says	Pixels of the ring on which a view's brightness is compared with the picture's, at least, default 40; the darkest level that counts there, default 12; and the smallest change that is made, default 0.015: rounding is less.
        mask.fill.exposure_step	as the meaning says	Pixels of the ring on which a view's brightness is compared with the picture's, at least, default 40; the darkest level that counts there, default 12; and the smallest change that is made, default 0.015: rounding is less.
        mask.fill.agreement	as the meaning says	Largest mean spread of the views about an observed pixel, levels summed over the channels, default 12, and the half side of the square it is taken over, pixels, default 2: views that differ all about agree on a pixel by chance.
        mask.fill.agreement_radius	as the meaning says	Largest mean spread of the views about an observed pixel, levels summed over the channels, default 12, and the half side of the square it is taken over, pixels, default 2: views that differ all about agree on a pixel by chance.
        mask.fill.disagreement	levels	Mean spread beyond which nobody knows what is there, levels, default 24: the pixel counts as invented.
        mask.fill.candidate_views	whole number	Pictures that are looked at for a hole where the static scene is known, the nearest viewpoints first; default 14.
        mask.fill.mean_views	whole number	Agreeing views whose mean is taken, the nearest first; default 2: more blur fine print.
        mask.fill.probes	as the meaning says	Places of a hole at which it is asked whether a view helps, default 40, and the share of those still lacking views that it must show to be looked at, default 0.08.
        mask.fill.helpful_share	as the meaning says	Places of a hole at which it is asked whether a view helps, default 40, and the share of those still lacking views that it must show to be looked at, default 0.08.
        mask.fill.depth_step	working pixels	Pixels between the nodes of the depth behind a hole, working pixels; default 1.
        mask.fill.anchor_interval	seconds	Seconds between the pictures that are completed for the frames between them; default 0.5: less costs more, more drifts.
        mask.fill.maximum_anchor_gap	seconds	Farthest such picture a frame is filled from, seconds; default 1; a frame without one near is filled by itself.
        mask.fill.propagated_trust	as the meaning says	What a pixel that one view alone showed there, or nobody, counts beside one that two views showed; defaults 0.25 and 0.02.
        mask.fill.invented_trust	as the meaning says	What a pixel that one view alone showed there, or nobody, counts beside one that two views showed; defaults 0.25 and 0.02.
        mask.fill.smallest_direct	share, 0 to 1	What a frame's anchors do not show is sought in the other views where it is more than this share of the picture; default 0.002.
        mask.fill.ring_width	pixels	Width of the ring about a hole from which brightness is matched, pixels; default 6.
        mask.fill.ring_cell	as the meaning says	How the ring's brightness is carried into the hole: over cells of so many pixels, default 3, by means over squares of these half sides, cells, defaults 2, 6, 18, of which the narrower count as far as they have so many pixels of the ring, default 24; a pixel's difference counts for no more than so many levels, default 24: one that the views do not explain at all is no witness.
        mask.fill.ring_radii	as the meaning says	How the ring's brightness is carried into the hole: over cells of so many pixels, default 3, by means over squares of these half sides, cells, defaults 2, 6, 18, of which the narrower count as far as they have so many pixels of the ring, default 24; a pixel's difference counts for no more than so many levels, default 24: one that the views do not explain at all is no witness.
        mask.fill.ring_witnesses	as the meaning says	How the ring's brightness is carried into the hole: over cells of so many pixels, default 3, by means over squares of these half sides, cells, defaults 2, 6, 18, of which the narrower count as far as they have so many pixels of the ring, default 24; a pixel's difference counts for no more than so many levels, default 24: one that the views do not explain at all is no witness.
        mask.fill.ring_difference	as the meaning says	How the ring's brightness is carried into the hole: over cells of so many pixels, default 3, by means over squares of these half sides, cells, defaults 2, 6, 18, of which the narrower count as far as they have so many pixels of the ring, default 24; a pixel's difference counts for no more than so many levels, default 24: one that the views do not explain at all is no witness.
        mask.fill.sliver_width	pixels	What nobody saw is painted in smoothly where it is no wider than this, pixels of working size, default 6, and continued by copied squares where it is.
        mask.fill.exemplar_size	as the meaning says	Side of those squares, default 9, and how far they are sought, default 40, pixels.
        mask.fill.exemplar_reach	as the meaning says	Side of those squares, default 9, and how far they are sought, default 40, pixels.
        mask.fill.largest_exemplar	share, 0 to 1	Largest share of the picture that is so continued in one picture, default 0.02: more costs much and is smooth instead.
        mask.fill.guess_trust	number	What a smooth guess of a square's unknown pixels counts beside its known ones; default 0.5: less lets colours wander.
        mask.fill.exemplar_brightness	levels	Most by which a square's brightness is changed to meet its surroundings, levels; default 12.
        mask.fill.mover_margin	whole number	Within so many pixels, working size, of another gripper or a moved thing nobody knows whether that or the scene lies behind the human: there a pixel counts as invented; default 5.
        mask.fill.matches_grain	true or false	Whether sharpness and grain are matched to those of the ring; default true: else a hole is told by its smoothness.
        mask.fill.grain_witnesses	as the meaning says	Pixels of the ring that they are matched on: fewest, default 150, and most, default 2000.
        mask.fill.most_grain_witnesses	as the meaning says	Pixels of the ring that they are matched on: fewest, default 150, and most, default 2000.
        mask.fill.least_sharpening	as the meaning says	Bounds of what fine detail is multiplied by, defaults 0.5 (the frame is blurred by motion) and 1.6 (more tells noise for structure).
        mask.fill.most_sharpening	as the meaning says	Bounds of what fine detail is multiplied by, defaults 0.5 (the frame is blurred by motion) and 1.6 (more tells noise for structure).
        mask.fill.most_detail	as the meaning says	Most that a pixel's fine detail counts, levels, default 24, and the detail below which nothing is told from it, default 0.5.
        mask.fill.steady_detail	as the meaning says	Most that a pixel's fine detail counts, levels, default 24, and the detail below which nothing is told from it, default 0.5.
        mask.fill.least_grain	as the meaning says	Noise that is added, standard deviation of its fine detail, levels: at least, else none is, default 2 (less cannot be told from fine texture, and would cost 0.5 dB), and at most, default 8.
        mask.fill.most_grain	as the meaning says	Noise that is added, standard deviation of its fine detail, levels: at least, else none is, default 2 (less cannot be told from fine texture, and would cost 0.5 dB), and at most, default 8.
        mask.fill.most_correlation	number	Most that its neighbouring pixels are correlated; default 0.3: what views are off by looks like more.
        mask.fill.feather_width	as the meaning says	Pixels over which the picture fades into the hole, in the margin about the human, default 3, and how far it may be from what is filled to show, levels, default 8: a human does not.
        mask.fill.feather_tolerance	as the meaning says	Pixels over which the picture fades into the hole, in the margin about the human, default 3, and how far it may be from what is filled to show, levels, default 8: a human does not.
        mask.fill.paint_finger_tags	true or false	Paint the finger tags over with the colour around them, as UMI does; default false.
        mask.fill.paint_scale	tag sides	The painted square, in tag sides; default 1.4.
        mask.models.weight	number	How much a model's word counts beside the program's own evidence, as a factor on its log odds; default 1. At 0 it is not heard; the device stays protected at any weight.
        mask.models.certainty	number	Largest probability of human (and, taken from 1, smallest) that a model can claim for a pixel; default 0.98: a model that is sure is still one witness.
        mask.models.command_timeout	seconds	Longest silence of a mask command, with nothing read and nothing answered, seconds; default 120: it may have a network to load.
        mask.models.runtime_threads	whole number	Threads of ONNX Runtime; default 1: recordings are worked on side by side, and one thread gives the same bytes every time.
        mask.models.reference_tolerance	share, 0 to 1	Most that a reference output may differ from the manifest's, as a share of its size or, below 1, absolute; default 1e-3.
        mask.scribble.maximum_width	pixels	Widest picture that features are taken from, pixels; default 240, that of the masks: pictures made small beforehand give the same features.
        mask.scribble.radii	pixels	Half sides of the neighbourhoods whose mean and spread are features, pixels of that picture; default 3, 8, 20.
        mask.scribble.forest.trees	whole number	Trees, default 20.
        mask.scribble.forest.depth	whole number	Deepest leaf, default 9.
        mask.scribble.forest.tries	whole number	Random splits tried at a node, default 8.
        mask.scribble.forest.smallest_split	whole number	Fewest samples at which a node is split, default 12.
        mask.scribble.samples	whole number	Most samples of each class that a labelled frame gives; default 4000, evenly spread over its labelled pixels.
        mask.scribble.minimum_pixels	whole number	Fewest pixels of each class over all labels for a classifier; default 30.
        mask.scribble.smoothing	pixels	Half side of the neighbourhood over which the classifier's probabilities are averaged, pixels of that picture; default 1.
        mask.scribble.label_weight	factor	Factor on the log odds of the labels on their own frames; default 3: they overrule everything but the device.
        mask.scribble.weight	as the meaning says	Factor on the classifier's log odds on all frames; default 1.5: colours that a person has named count more than those found. Where the session's static scene is known default 0.5: what it predicts is more certain than colours named on one frame.
        mask.scribble.background_weight	as the meaning says	Factor on the classifier's log odds on all frames; default 1.5: colours that a person has named count more than those found. Where the session's static scene is known default 0.5: what it predicts is more certain than colours named on one frame.
        mask.scribble.certainty	number	Largest probability that the classifier can claim; default 0.97.
        mask.overlay.gripper	one of model, recorded	Default model. Views of a fixed camera always show the model's.
        mask.overlay.samples	whole number	Samples along each side of a pixel; default 2, which are four in all.
        mask.overlay.bend	pixels	Farthest that a straight edge's picture may run from the chord it is drawn as, pixels; default 0.3. Else it is divided.
        mask.overlay.depth_tolerance	metres	The arm is hidden where the scene is nearer than it by more than this, metres; default 0.02: what the scene's depth is good for.
        mask.overlay.table_hides	true or false	Whether the table's plane hides what is below it; default true.
        mask.overlay.scene_reflectance	number	Reflectance that the scene is taken to have on average; default 0.35 (an office: wood, walls, paper). With it brightness says how much light there is.
        mask.overlay.ambient_share	share, 0 to 1	Share of the light that comes from everywhere; default 0.55: indoors, under lamps and a white ceiling.
        mask.overlay.highlight	number	Strength of highlights; default 0.12 (painted metal and plastic).
        mask.overlay.light_stride	pixels	Pixels between those from which the light is estimated, along each side; default 8.
        mask.overlay.least_blur	as the meaning says	Least and widest blur that is matched, pixels; defaults 0.35 (drawn edges are that soft) and 2.5.
        mask.overlay.maximum_blur	as the meaning says	Least and widest blur that is matched, pixels; defaults 0.35 (drawn edges are that soft) and 2.5.
        mask.overlay.least_grain	as the meaning says	Least and strongest grain that is matched, levels; defaults 0.3 (rounding is more) and 8.
        mask.overlay.maximum_grain	as the meaning says	Least and strongest grain that is matched, levels; defaults 0.3 (rounding is more) and 8.
        mask.fixed_view.pictures	whole number	Pictures of the recording from which the static scene is made, evenly spread; default 25.
        mask.fixed_view.difference	levels	Sum over the channels by which a pixel differs from the static scene, levels; default 60: shadows of a hand stay below it.
        mask.fixed_view.spread	levels	Spread of the pictures about their median, levels, up to which the static scene counts as seen; default 18.
        mask.fixed_view.smallest	share of the picture	Smallest region that counts, share of the picture; default 0.002.
        mask.fixed_view.gap	share of the picture's width	Gap that is closed within a region, share of the picture's width; default 0.012.
        mask.fixed_view.rim	share of the picture's width	Rim about a region that is removed with it, share of the picture's width; default 0.008.
        curate.privacy	one of off, strict	What becomes of frames with an unresolved human; default off.
        curate.unresolved_share	share, 0 to 1	With strict, the largest share of the picture that may be human and not taken out, 0 to 1; default 0.02: about a hand. What is turned down as no human (moved things, shadows) covers less in 19 of 20 frames of simulated sessions.
        curate.keep	text	Which episodes are kept, such as fastest 50% or sigma < 3mm and feasible; default empty: all.
        curate.mistakes	one of cut, weigh	Default cut: LeRobot (to 0.6.1), UMI's and robomimic's training imitate every row whatever its weight; weigh is for one that obeys loss_weight, such as griptrace_lerobot's sampler.
        curate.mistake_weight	number	With weigh, the loss weight on the way into a mistake; default 0: seen, not imitated.
        curate.recovery_weight	number	Loss weight of a recovery; default 1, as any other frame.
        curate.drops_failures	true or false	Whether episodes that end in a labelled failure are left out; default true.
        curate.advantage_horizon	seconds	How far ahead the advantage of a value function looks, seconds; default 1: about an action chunk.
        curate.advantage_temperature	number	β of advantage-weighted regression, in the value's unit; default 1.
        curate.advantage_limit	number	Largest weight an advantage gives; default 20, as Peng et al. 2019 clip it.
        curate.validation_share	share, 0 to 1	Share of the recordings held back for validation, 0 to 0.9; default 0. Chosen by a hash of session and recording: it does not depend on what else is converted, and a recording's episodes stay together.
        export.rate	frames a second	Frames a second of the data set, whole, 1 to 240; default 0: the recordings' own rate, rounded (59.94 becomes 60). Poses are interpolated to it, pictures are the nearest in time.
        export.image_width	pixels	Widest picture of the LeRobot data set, pixels; default 640. Wider recordings are scaled down in proportion.
        export.square_width	pixels	Width and height of the pictures in robomimic's HDF5, pixels; default 224: they are hardly compressed there.
        export.quality	whole number	Constant rate factor of the video in the LeRobot data set; default 0: 20 with H.264, 30 with AV1.
        export.codec	text	Codec of the video, h264 or av1; default h264: AV1 takes a fifth of the space less and five times the time.
        export.key_interval	whole number	Frames from one key picture to the next; default 6: training reads at random.
        export.state	one of auto, joints, ee, both	What observation.state holds: joints (and gripper), ee (tool pose and gripper), both, or auto; default auto: joints where the action is of joints, else the tool pose. A policy that is given both learns from the half that its robot may not have.
        export.action	one of joints, ee, ee-relative	What action holds: joints, ee (the next row's), or ee-relative (the tool's motion to the next row, in the tool's own frame); default joints: they are what was judged and what an arm takes, and the same pose has the same ones in every episode.
        export.rotation	one of rot6d, rotvec, quaternion	How the tool's rotation is written: rot6d (the matrix's first two rows), rotvec or quaternion; default rot6d: it has no place where numbers jump, so that no episode can be outside its chart, and needs no reference to be read. UMI's files keep UMI's own keys.
        export.rotation_limit	degrees	Farthest that a tool may be turned from the reference of rotation vectors and quaternions, degrees, above 0 to 175; default 150. 5° of turn change a rotation vector by up to 0.1 at 100°, by 0.12 at 150°; at 180° it jumps.
        export.image_key	text	What the wrist's camera is called after observation.images., letters, digits and _; default "wrist".
        export.task	text	The task that an episode without a label is for; default "demonstration".
        """#
}
